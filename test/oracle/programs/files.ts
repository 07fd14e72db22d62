/** Programs of several files in one text, so that they are kept, cut down and told as one. */

const LINE = /^# --- (\S+\.scv)\n/mu;

/** Before each file but the first, which is `main.scv`. */
export function separator(name: string): string {
  return `# --- ${name}\n`;
}

export function filesOf(text: string): Readonly<Record<string, string>> {
  const [main, ...others] = text.split(LINE);
  const files: Record<string, string> = { 'main.scv': main ?? '' };
  for (let i = 0; i + 1 < others.length; i += 2) files[others[i]!] = others[i + 1]!;
  return files;
}
