/** Every refactoring, and which can be done at a place. */
import type { LangiumDocument } from 'langium';
import type { Range } from '../../core/definition.ts';
import type { Analysis } from '../analysis.ts';
import type { FileParser } from '../text/parser.ts';
import { nameArguments, numberToParameter, unnameArguments } from './arguments.ts';
import { extractBinding, inlineBinding, joinChain, splitChain } from './bindings.ts';
import { flipIf, ifToExpression, ifToStage } from './conditions.ts';
import { extractBlock } from './extractBlock.ts';
import { arrangeImports } from './imports.ts';
import { inlineBlock } from './inlineBlock.ts';
import { addLabels, removeLabels } from './labels.ts';
import { sortMetadata } from './metadata.ts';
import { Proof } from './proof.ts';
import { repeatStages, writeOut } from './repetition.ts';
import { type Refactor, type Refactoring, Spot } from './spot.ts';

export const REFACTORING_KINDS = ['refactor.extract', 'refactor.inline', 'refactor.rewrite'] as const;

/** In the order in which they are offered. */
const REFACTORINGS: readonly Refactor[] = [
  (spot) => extractBlock(spot),
  extractBinding,
  numberToParameter,
  inlineBlock,
  inlineBinding,
  repeatStages,
  writeOut,
  splitChain,
  joinChain,
  addLabels,
  removeLabels,
  nameArguments,
  unnameArguments,
  flipIf,
  ifToStage,
  ifToExpression,
  sortMetadata,
];

const CHANGES_KEYS = ' (changes state_dict keys)';

/** What may be done at a range, and whether the program means the same then isn't looked at. */
export function* candidates(document: LangiumDocument, analysis: Analysis, range: Range): Generator<Refactoring> {
  const spot = Spot.at(document, analysis, range);
  if (spot === undefined) yield* arrangeImports(document, range);
  else for (const refactor of REFACTORINGS) yield* refactor(spot);
}

/** A refactoring that is shown to mean the same. */
export interface Offered extends Refactoring {
  /** Which of the candidates it is. */
  readonly number: number;
  /** Its title, and whether keys of the `state_dict` change. */
  readonly shown: string;
}

/** What can be done at a range: the program means the same afterwards, and titles tell whether its keys do. */
export function refactoringsAt(
  document: LangiumDocument,
  analysis: Analysis,
  parser: FileParser,
  range: Range,
  isWanted: (kind: string) => boolean,
): readonly Offered[] {
  let proof: Proof | undefined;
  const offered: Offered[] = [];
  for (const [number, each] of [...candidates(document, analysis, range)].entries()) {
    if (!isWanted(each.kind) || offered.some(({ title }) => title === each.title)) continue;
    proof ??= new Proof(document, analysis, parser);
    const proven = proof.of(each);
    if (proven === undefined) continue;
    offered.push({ ...each, number, shown: proven.changesKeys ? `${each.title}${CHANGES_KEYS}` : each.title });
  }
  return offered;
}
