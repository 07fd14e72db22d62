/**
 * A 64-bit hash of a text, as 16 hex digits: two independently seeded multiply-xor lanes with a final avalanche.
 * For caches and change detection, not against an adversary.
 */
export function hashText(text: string): string {
  let a = 0x9e3779b9;
  let b = 0x85ebca6b;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 0x85ebca77);
    b = Math.imul(b ^ unit, 0xc2b2ae3d);
  }
  a = Math.imul(a ^ (a >>> 16), 0x7feb352d) ^ Math.imul(b ^ (b >>> 13), 0x846ca68b);
  b = Math.imul(b ^ (b >>> 16), 0x7feb352d) ^ Math.imul(a ^ (a >>> 13), 0x846ca68b);
  const hex = (lane: number): string => (lane >>> 0).toString(16).padStart(8, '0');
  return hex(a ^ (a >>> 16)) + hex(b ^ (b >>> 16));
}
