/** What the command line takes, and what it says of itself. */
import { parseArgs } from 'node:util';
import { THEMES, type ThemeName } from '../core/drawing/theme.ts';
import { didYouMean } from '../core/nearest.ts';

export const HELP = `scv: a block language for PyTorch vision models

  scv check FILE… [--json]
      Says what is wrong: file:line:column: error|warning: message [code].
  scv summary FILE [--model NAME] [--input SIZES] [--batch N] [--depth N] [--json | --csv]
      A row per layer with output shape, parameters, multiply-adds, what it makes
      and what it sees of the input, and totals.
  scv generate FILE [--model NAME] [-o out.py]
      The PyTorch module.
  scv graph FILE -o out.svg|.png|.mmd [--model NAME] [--unfold | --depth N] [--columns N|page]
            [--theme light|dark]
      The picture of the model; as SVG, PNG or Mermaid.
  scv format FILE… [--check]
      Puts the files into the one form; --check only says which aren't in it.
  scv lsp
      The language server on stdio, for any editor.

  --model NAME     the model that is meant; else the file's only or last one
  --input SIZES    1x3x224x224, or image=1x3x224x224,mask=1x1x224x224
  --batch N        how many samples the memory is told for; else train's batch_size, or 1
  --depth N        sums up what lies deeper than N modules; in a picture, unfolds so many
  --unfold         shows every layer
  --theme light    or dark
  --json, --csv    for programs
  -o, --output F   writes to a file instead of the terminal; its ending says what a picture becomes
  --help, --version

Exit status: 0 when all is well, 1 where there is an error, 2 for misuse.
`;

export type Command =
  | { readonly kind: 'help' | 'version' | 'lsp' }
  | { readonly kind: 'check'; readonly files: readonly string[]; readonly json: boolean }
  | { readonly kind: 'format'; readonly files: readonly string[]; readonly check: boolean }
  | {
      readonly kind: 'summary';
      readonly file: string;
      readonly model: string | undefined;
      readonly input: string | undefined;
      readonly batch: number | undefined;
      readonly depth: number | undefined;
      readonly form: 'table' | 'json' | 'csv';
    }
  | {
      readonly kind: 'generate';
      readonly file: string;
      readonly model: string | undefined;
      readonly output: string | undefined;
    }
  | {
      readonly kind: 'graph';
      readonly file: string;
      readonly model: string | undefined;
      readonly output: string;
      readonly form: PictureForm;
      /** How many frames are unfolded around each other; so many that few boxes are seen, where absent. */
      readonly unfolded: 'all' | number | undefined;
      /** Beside each other, at most so many, or as many as make it a page. */
      readonly columns: number | 'page' | undefined;
      readonly theme: ThemeName;
    };

export type PictureForm = 'svg' | 'png' | 'mmd';

/** Misuse: said in a sentence, and the exit status is 2. */
export class UsageError extends Error {}

const OPTIONS = {
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
  json: { type: 'boolean' },
  csv: { type: 'boolean' },
  model: { type: 'string' },
  input: { type: 'string' },
  batch: { type: 'string' },
  depth: { type: 'string' },
  output: { type: 'string', short: 'o' },
  check: { type: 'boolean' },
  unfold: { type: 'boolean' },
  columns: { type: 'string' },
  theme: { type: 'string' },
  stdio: { type: 'boolean' },
} as const;

type OptionName = keyof typeof OPTIONS;

/** The options of each command, `--help` aside. */
const COMMANDS: Readonly<Record<string, readonly OptionName[]>> = {
  check: ['json'],
  summary: ['model', 'input', 'batch', 'depth', 'json', 'csv'],
  generate: ['model', 'output'],
  graph: ['model', 'output', 'unfold', 'depth', 'columns', 'theme'],
  format: ['check'],
  lsp: ['stdio'],
};

export function readCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  if (values.help === true || positionals[0] === 'help') return { kind: 'help' };
  if (values.version === true) return { kind: 'version' };
  const [command, ...files] = positionals;
  if (command === undefined) throw new UsageError(`say what to do: ${Object.keys(COMMANDS).join(', ')}`);
  const options = COMMANDS[command];
  if (options === undefined) {
    const file = command.endsWith('.scv') ? ` To check a file: scv check ${command}` : '';
    throw new UsageError(`there is no command ${command}.${didYouMean(command, Object.keys(COMMANDS))}${file}`);
  }
  for (const name of Object.keys(values) as OptionName[]) {
    if (!options.includes(name)) throw new UsageError(`scv ${command} takes no --${name}`);
  }
  const json = values.json === true;
  switch (command) {
    case 'check':
      if (files.length === 0) throw new UsageError('scv check needs a file: scv check model.scv');
      return { kind: 'check', files, json };
    case 'summary': {
      const { model, input } = values;
      if (json && values.csv === true) throw new UsageError('scv summary takes --json or --csv, not both');
      return {
        kind: 'summary',
        file: only(command, files),
        model,
        input,
        batch: numberOf('batch', values.batch),
        depth: numberOf('depth', values.depth),
        form: json ? 'json' : values.csv === true ? 'csv' : 'table',
      };
    }
    case 'generate':
      return { kind: 'generate', file: only(command, files), model: values.model, output: values.output };
    case 'graph': {
      const { output, theme = 'light', unfold } = values;
      if (output === undefined) {
        throw new UsageError('scv graph needs a file to draw into: scv graph model.scv -o model.svg');
      }
      const form = /\.(svg|png|mmd)$/.exec(output)?.[1] as PictureForm | undefined;
      if (form === undefined) throw new UsageError(`a picture is .svg, .png or .mmd, not ${output}`);
      if (!isTheme(theme)) throw new UsageError(`--theme is light or dark, not ${theme}`);
      const depth = numberOf('depth', values.depth);
      if (unfold === true && depth !== undefined) throw new UsageError('scv graph takes --unfold or --depth, not both');
      const unfolded = unfold === true ? 'all' : depth;
      const columns = values.columns === 'page' ? 'page' : numberOf('columns', values.columns);
      return { kind: 'graph', file: only(command, files), model: values.model, output, form, unfolded, columns, theme };
    }
    case 'format':
      if (files.length === 0) throw new UsageError('scv format needs a file: scv format model.scv');
      return { kind: 'format', files, check: values.check === true };
    default:
      if (files.length > 0) throw new UsageError('scv lsp takes no file: it talks to an editor');
      return { kind: 'lsp' };
  }
}

function parse(
  args: readonly string[],
): ReturnType<typeof parseArgs<{ options: typeof OPTIONS; allowPositionals: true }>> {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    const message = (error as Error).message;
    const unknown = /^Unknown option '(-+)([^']*)'/.exec(message);
    if (unknown === null) throw new UsageError(message.replace(/\. To specify.*$/s, ''));
    throw new UsageError(`there is no ${unknown[1]!}${unknown[2]!}.${didYouMean(unknown[2]!, Object.keys(OPTIONS))}`);
  }
}

function isTheme(name: string): name is ThemeName {
  return name in THEMES;
}

function only(command: string, files: readonly string[]): string {
  const [file, second] = files;
  if (file === undefined) throw new UsageError(`scv ${command} needs a file: scv ${command} model.scv`);
  if (second !== undefined) throw new UsageError(`scv ${command} takes one file, and ${second} is a second one`);
  return file;
}

function numberOf(option: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  if (!/^[1-9]\d{0,14}$/.test(text)) throw new UsageError(`--${option} is a number from 1, not ${text}`);
  return Number(text);
}
