import type { GeneratePyTorchResult, GenerationProblem } from '../../../../server/src/protocol/generatePyTorch.ts';

const PROBLEMS_SHOWN = 3;

/**
 * What a Python document shows: the code, or, while the text has errors, the last code there was. One line above it says
 * which: it is always there, so that the code stays where it is. `file` is the address of the .scv file, `last` the
 * code of its last version without errors.
 */
export function pythonText(answer: GeneratePyTorchResult, file: string, last: string | undefined): string {
  const name = nameOf(file);
  if (answer.python !== undefined) return `# Up to date: ${name} as PyTorch.\n${answer.python}`;
  if (last !== undefined) {
    const [first] = answer.problems;
    const why = first === undefined ? '' : ` (${told(first, file)})`;
    const more = answer.problems.length > 1 ? `, and ${String(answer.problems.length - 1)} more` : '';
    return `# NOT UP TO DATE: ${name} has to be mended first${why}${more}. The Python below is from before.\n${last}`;
  }
  const problems = answer.problems.slice(0, PROBLEMS_SHOWN).map((problem) => `  ${told(problem, file)}`);
  const more = answer.problems.length - problems.length;
  if (more > 0) problems.push(`  … and ${String(more)} more`);
  const note = [`There is no Python yet: ${name} has to be mended first.`, ...problems];
  return note.map((line) => `# ${line}\n`).join('');
}

function told({ uri, line, message }: GenerationProblem, file: string): string {
  const place = `line ${String(line + 1)}`;
  return `${uri === file ? place : `${nameOf(uri)}, ${place}`}: ${message.replaceAll(/\s*\n\s*/g, ' ')}`;
}

function nameOf(uri: string): string {
  return decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));
}
