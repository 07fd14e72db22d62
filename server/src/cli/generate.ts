/** `scv generate FILE` */
import { writeFileSync } from 'node:fs';
import { generate } from '../core/pytorch/generate.ts';
import { messagesOf } from './messages.ts';
import { chooseModel, complain, complainOfErrors } from './model.ts';
import type { Terminal } from './terminal.ts';
import { type Command, UsageError } from './usage.ts';

/** @returns the exit status */
export function generatePyTorch(
  { file: path, model, output }: Extract<Command, { kind: 'generate' }>,
  terminal: Terminal,
): number {
  const chosen = chooseModel(path, model);
  if (complainOfErrors(chosen, terminal)) return 1;
  const { program, file, facts, instance } = chosen;
  const { python, problems } = generate(facts.session, instance);
  const messages = messagesOf(program, { ...file, problems: [] }, { ...facts, problems });
  if (complain(file, messages, terminal)) return 1;
  if (output === undefined) terminal.print(python);
  else {
    try {
      writeFileSync(output, python);
    } catch (error) {
      throw new UsageError(`${output} can't be written: ${(error as Error).message}`);
    }
  }
  return 0;
}
