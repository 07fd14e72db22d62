/** A picture for READMEs: a Mermaid flowchart, which code hosts draw by themselves. */
import type { View, ViewBox } from '../view/view.ts';

export function toMermaid({ boxes, edges }: View): string {
  const names = new Map<string, string>();
  const lines = ['flowchart TD'];
  const write = (box: ViewBox, indent: string): void => {
    const name = `n${String(names.size)}`;
    names.set(box.id, name);
    if (box.inside === undefined) {
      lines.push(`${indent}${name}${shapeOf(box)}`);
      return;
    }
    lines.push(`${indent}subgraph ${name}["${escaped([box.title, box.details].filter(Boolean).join(' · '))}"]`);
    for (const each of box.inside) write(each, `${indent}  `);
    lines.push(`${indent}end`);
  };
  for (const box of boxes) write(box, '  ');
  for (const { source, target, label, shape } of edges) {
    const text = [label, shape].filter((part) => part !== undefined && part !== '').join(': ');
    lines.push(`  ${names.get(source)!} -->|"${escaped(text)}"| ${names.get(target)!}`);
  }
  return `${lines.join('\n')}\n`;
}

function shapeOf(box: ViewBox): string {
  const times = box.repeats > 1 ? ` × ${String(box.repeats)}` : '';
  const heading = `${box.title}${times}${box.name === undefined ? '' : ` ${box.name}`}`;
  const text = escaped([heading, box.details].filter((part) => part !== undefined).join('\n')).replaceAll(
    '\n',
    '<br/>',
  );
  switch (box.form) {
    case 'operator':
      return `(("${text}"))`;
    case 'join':
    case 'input':
    case 'output':
      return `(["${text}"])`;
    default:
      return `["${text}"]`;
  }
}

/** Mermaid reads entities where a character would end the text. */
function escaped(text: string): string {
  return text.replaceAll('#', '#35;').replaceAll('"', '#quot;').replaceAll('<', '#lt;').replaceAll('>', '#gt;');
}
