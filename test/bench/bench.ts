/**
 * `npm run bench`: what the README says of right and fast, measured. Prints a report in Markdown; ends with 1 where a goal
 * is missed. No test: a machine's times are its own.
 *
 *     npm run bench [-- --write] [editing] [growth] [keys] [layout] [opening] [peers] [shows] [resnet50 …]
 *
 * `--write` puts it into docs/benchmarks.md.
 */
import { writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { format } from 'prettier';
import { buildProducts } from '../../scripts/build.ts';
import { main, projectFolder } from '../../scripts/processes.ts';
import { PEERS, TORCH, TORCHVISION } from '../../scripts/pythonEnvironment.ts';
import { measureEditing } from './editing.ts';
import { measureGrowth } from './growth.ts';
import { measureKeystrokes } from './keystrokes.ts';
import { measureLayout } from './layout.ts';
import type { Goal } from './measure.ts';
import { measureOpening } from './opening.ts';
import { comparePeers } from './peers.ts';
import { measureShowing } from './showing.ts';

interface Part {
  readonly heading: string;
  readonly about: string;
  readonly measure: (models: readonly string[]) => Promise<Measured> | Measured;
}

interface Measured {
  readonly report: string;
  readonly goals: readonly Goal[];
}

const PARTS: Readonly<Record<string, Part>> = {
  peers: {
    heading: 'Who is right, in what time',
    about:
      '`scv summary` beside other tools on models of torchvision, against the figures that torchvision publishes. `process`: the whole process, from start to end, with what it imports. In a process that goes on: `again`, asked again with nothing changed; `edited`, asked after an edit, where ours reads a text in which a stage came and another went, at each place of the file in turn, and analyses it to the last row, and theirs construct the model anew from its class, random weights included, and are asked of that one. Each tool is used as its documentation shows: torchinfo, fvcore and ptflops run the model on numbers; FlopCounterMode, on the `meta` device, on shapes alone.',
    measure: comparePeers,
  },
  keys: {
    heading: 'From a key to its diagnostics',
    about:
      "The language server as an editor has it, a process of its own: ` -> Dropout(0.1)` is typed behind a layer of 1,000, key by key, and deleted again. The time is from sending `didChange` to getting that version's diagnostics; what the server waits for the next key is in it, half as long as its last check took where that is 30 ms or more.",
    measure: measureKeystrokes,
  },
  editing: {
    heading: 'Beside Pyright',
    about:
      'Our server and `pyright-langserver`, each a process that is spoken to over stdio. `, bias=False` is typed into a `Conv2d`, key by key, and deleted again; into the text, and into the PyTorch that we generate of the same model. Diagnostics: from sending `didChange` to getting those of that version.',
    measure: measureEditing,
  },
  opening: {
    heading: 'Opening a picture, beside Netron',
    about:
      'The page of the graph and [Netron](https://netron.app), which opens what `torch.onnx.export` makes of the PyTorch that we generate; both in one Chromium without a GPU, in turns, ours with everything unfolded. Time: from opening the address to the first complete picture on the screen; ours reads and analyses the text, too. Frames: while the picture is dragged.',
    measure: measureOpening,
  },
  shows: {
    heading: 'From an edit in the graph to its picture',
    about:
      'The page of the graph with 1,000 boxes in sight, and the language server, a process of its own: a layer of the palette is put behind the selected one by Enter. The time is from the key to the picture on the screen, with the plan of the edit, the analysis of the new text, its graph and its layout in it; what VS Code does in between is not.',
    measure: measureShowing,
  },
  growth: {
    heading: 'How it grows',
    about: '`scv check` of ever longer models, a whole process each.',
    measure: measureGrowth,
  },
  layout: {
    heading: 'The layout of a graph',
    about:
      'Milliseconds from a graph to its picture, without drawing it: graphs of the shapes that models have, all in one level, which is the hardest case; medians of 15 after 10 for warming up. [dagre](https://github.com/dagrejs/dagre) and [ELK](https://github.com/kieler/elkjs) lay out the same boxes and edges once, with what they do by default, in at most 20 s.',
    measure: measureLayout,
  },
};

await main(async () => {
  const args = process.argv.slice(2);
  const wanted = Object.keys(PARTS).filter((name) => args.includes(name));
  const models = args.filter((arg) => !arg.startsWith('--') && !(arg in PARTS));
  await buildProducts();
  const goals: Goal[] = [];
  const sections: string[] = [];
  for (const [name, part] of Object.entries(PARTS)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const measured = await part.measure(models);
    goals.push(...measured.goals);
    sections.push(`## ${part.heading}\n\n${part.about}\n\n${measured.report}`);
  }
  const promises = goals.map(
    ({ promise, measured, isKept }) => `- ${isKept ? '✓' : '✗ MISSED:'} ${promise}: ${measured}\n`,
  );
  const report = await format(
    `# Benchmarks\n\nMade by \`npm run bench -- --write\`, on ${machine()}. Times are medians of one run; what is compared is run in turns, so ratios say more than milliseconds.\n\n${promises.join('')}\n${sections.join('\n')}`,
    { parser: 'markdown', printWidth: 120, proseWrap: 'always' },
  );
  console.log(report);
  if (args.includes('--write')) writeFileSync(join(projectFolder, 'docs/benchmarks.md'), report);
  return goals.every(({ isKept }) => isKept) ? 0 : 1;
});

function machine(): string {
  const processors = cpus();
  const versions = [TORCH, TORCHVISION, ...PEERS].map((each) => each.replace('==', ' ')).join(', ');
  return `${processors[0]?.model.trim() ?? 'a machine'} (${processors.length} cores), Node ${process.versions.node}, ${versions}`;
}
