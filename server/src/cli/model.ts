/** The model that a command is about. */
import { Analyser, type FileFacts } from '../core/analysis/analyse.ts';
import type { Model } from '../core/definition.ts';
import type { Instance } from '../core/graph.ts';
import { didYouMean } from '../core/nearest.ts';
import { lineOf } from './check.ts';
import { WHY_TOO_LARGE, isTooLarge } from '../language/text/size.ts';
import { DiskProgram, UnreadableFile, type OpenFile, uriOfPath } from './files.ts';
import { type Message, messagesOf } from './messages.ts';
import type { Terminal } from './terminal.ts';
import { UsageError } from './usage.ts';

export interface ChosenModel {
  readonly program: DiskProgram;
  readonly file: OpenFile;
  readonly facts: FileFacts;
  readonly definition: Model;
  readonly instance: Instance;
}

/** The file's only or last model, or the one of this name; throws where there is none, or the file can't be read. */
export function chooseModel(path: string, name: string | undefined): ChosenModel {
  const program = new DiskProgram();
  const file = program.open(path);
  if (isTooLarge(file)) throw new UnreadableFile(path, WHY_TOO_LARGE);
  const facts = new Analyser().analyse(program, uriOfPath(path));
  const names = facts.models.map(({ definition }) => definition.name.text);
  const instance =
    name === undefined ? facts.models.at(-1) : facts.models.find((each) => each.definition.name.text === name);
  if (instance?.definition.kind !== 'model') {
    if (name !== undefined) {
      const has = names.length === 0 ? 'It has no model' : `It has ${names.join(', ')}`;
      throw new UsageError(`${path} has no model ${name}.${didYouMean(name, names)} ${has}`);
    }
    throw new UsageError(`${path} has no model: a block has sizes only where it is used`);
  }
  return { program, file, facts, definition: instance.definition, instance };
}

/** Says what is wrong with the file; whether there is an error. */
export function complainOfErrors({ program, file, facts }: ChosenModel, terminal: Terminal): boolean {
  return complain(file, messagesOf(program, file, facts), terminal);
}

export function complain(file: OpenFile, messages: readonly Message[], terminal: Terminal): boolean {
  const errors = messages.filter(({ severity }) => severity === 'error');
  for (const error of errors) terminal.complain(`${lineOf(file.path, error, terminal.paintError)}\n`);
  return errors.length > 0;
}
