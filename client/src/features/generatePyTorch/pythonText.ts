import type { GeneratePyTorchResult, GenerationProblem } from '../../../../server/src/protocol/generatePyTorch.ts';

const PROBLEMS_SHOWN = 3;

/**
 * What a Python document shows: the code, or, while the text has errors, why there is none and the last code there
 * was. `file` is the address of the .scv file, `last` the code of its last version without errors.
 */
export function pythonText(answer: GeneratePyTorchResult, file: string, last: string | undefined): string {
  if (answer.python !== undefined) return answer.python;
  const name = nameOf(file);
  const note =
    last === undefined
      ? [`There is no Python yet: ${name} has to be mended first.`]
      : [`NOT UP TO DATE: ${name} has to be mended first.`, 'The Python below is from before.'];
  const problems = answer.problems.slice(0, PROBLEMS_SHOWN).map((problem) => `  ${told(problem, file)}`);
  const more = answer.problems.length - problems.length;
  if (more > 0) problems.push(`  … and ${String(more)} more`);
  const comment = [...note, ...problems].map((line) => `# ${line}\n`).join('');
  return last === undefined ? comment : `${comment}\n${last}`;
}

function told({ uri, line, message }: GenerationProblem, file: string): string {
  const place = `line ${String(line + 1)}`;
  return `${uri === file ? place : `${nameOf(uri)}, ${place}`}: ${message.replaceAll(/\s*\n\s*/g, ' ')}`;
}

function nameOf(uri: string): string {
  return decodeURIComponent(uri.slice(uri.lastIndexOf('/') + 1));
}
