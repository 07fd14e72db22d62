import { GrammarUtils, type AstNode, type LangiumDocument } from 'langium';
import { shortCount } from '../../core/analysis/numbers.ts';
import { totalsOf } from '../../core/analysis/summary.ts';
import { allNodes, parametersOf } from '../../core/analysis/walk.ts';
import type { Definition } from '../../core/definition.ts';
import { type Dimension, constantValue, sum } from '../../core/dimension.ts';
import type { Fact, Instance, NamedTensor, Node } from '../../core/graph.ts';
import type { Analysis } from '../analysis.ts';
import { readDocument } from '../documents.ts';
import * as ast from '../generated/ast.ts';
import { results, shapeHint, type Result } from './inlayHints.ts';

/** What is told beside a name in the outline, in few words. */
export interface Detail {
  /** What comes out of it; sizes that differ from use to use are dots. */
  readonly shape?: string | undefined;
  /** `9,408 params`, where it is the same in all uses. */
  readonly parameters?: string | undefined;
}

export type Details = (node: AstNode) => Detail | undefined;

/** The details of a document's names; none where it isn't analysed. */
export function detailsOf(analysis: Analysis, document: LangiumDocument): Details {
  const read = readDocument(document);
  const own = analysis.factsOf(document);
  if (read === undefined || own === undefined) return () => undefined;
  /** By where it stands. */
  const definitions = new Map<number, readonly Instance[]>();
  const stages = new Map<number, Result>();
  const ports = new Map<number, readonly NamedTensor[]>();
  const shared = new Map<number, readonly Dimension[]>();
  read.file.definitions.forEach((definition, i) => {
    const { header, statements } = read.placement.definitions[i]!;
    const instances = (analysis.factsOfUse(document, definition.id) ?? own).instances.get(definition.id) ?? [];
    definitions.set(header + definition.name.range.start, instances);
    if (definition.kind === 'extern') return;
    definition.statements.forEach((statement, part) => {
      const start = statements[part]!;
      for (const result of results(definition, part, instances)) stages.set(start + result.node.range.start, result);
      if (statement.kind === 'layer')
        shared.set(
          start + statement.range.start,
          instances.map((instance) => countOfShared(instance, part)),
        );
      if (statement.kind === 'input') {
        for (const { name, range } of statement.ports)
          ports.set(
            start + range.start,
            tensorsOf(instances, ({ inputs }) => inputs, name.text),
          );
      }
      if (statement.kind === 'output') {
        const name = statement.name?.text ?? `#${String(outputsBefore(definition, part))}`;
        ports.set(
          start + statement.range.start,
          tensorsOf(instances, ({ outputs }) => outputs, name),
        );
      }
    });
  });
  return (node) => {
    const offset = node.$cstNode?.offset ?? -1;
    if (ast.isDefinition(node)) {
      const instances = definitions.get(nameOffset(node) ?? offset) ?? [];
      return { parameters: countText(instances.map((each) => totalsOf(each).parameters)) };
    }
    if (ast.isPort(node) || ast.isOutput(node)) return { shape: shapeText(ports.get(offset) ?? []) };
    if (ast.isSharedLayer(node)) return { parameters: countText(shared.get(offset) ?? []) };
    const place = placeOf(node);
    const result = place === undefined ? undefined : stages.get(place.$cstNode?.offset ?? -1);
    if (result === undefined) return undefined;
    const shape = shapeHint(result)[0]?.text;
    // What a binding holds is no module: its stages are.
    return ast.isBoundName(node) ? { shape } : { shape, parameters: countText(result.facts.map(countOf)) };
  };
}

/** Where a name's facts are: a stage, or the value that is bound where it is none. */
function placeOf(node: AstNode): AstNode | undefined {
  if (ast.isStage(node)) return node;
  if (!ast.isBoundName(node) || !ast.isBinding(node.$container) || node.$container.names.length > 1) return undefined;
  const { value } = node.$container;
  return ast.isPipeline(value) ? value.stages.at(-1) : value;
}

function nameOffset(definition: ast.Definition): number | undefined {
  return GrammarUtils.findNodeForProperty(definition.$cstNode, 'name')?.offset;
}

function outputsBefore(definition: Exclude<Definition, { kind: 'extern' }>, part: number): number {
  return definition.statements.slice(0, part).filter(({ kind }) => kind === 'output').length;
}

/** By name, or by place: `#0`. */
function tensorsOf(
  instances: readonly Instance[],
  among: (instance: Instance) => readonly NamedTensor[],
  name: string,
): readonly NamedTensor[] {
  return instances.flatMap((instance) => {
    const tensors = among(instance);
    const index = name.startsWith('#') ? Number(name.slice(1)) : tensors.findIndex((each) => each.name === name);
    return tensors[index] ?? [];
  });
}

function shapeText(tensors: readonly NamedTensor[]): string | undefined {
  const facts = tensors.map(({ tensor }): Fact => ({ iterations: [], value: { kind: 'tensor', tensor } }));
  const [first] = shapeHint({ node: { range: { start: 0, end: 0 } }, facts: [{ own: facts, body: [] }] });
  return first?.text;
}

/** The parameters that a stage makes in one use of the definition, in all turns of loops around it. */
function countOf({ own }: Result['facts'][number]): Dimension {
  return parametersOfAll(own.flatMap(({ node }) => node ?? []));
}

/** The parameters of a shared layer, which each use of it has. */
function countOfShared({ definition, nodes }: Instance, part: number): Dimension {
  const statement = definition.kind === 'extern' ? undefined : definition.statements[part];
  const use = [...allNodes(nodes)].find((node) => 'shared' in node && node.shared === statement);
  return parametersOfAll(use === undefined ? [] : [use]);
}

function parametersOfAll(nodes: readonly Node[]): Dimension {
  return sum([...new Set(nodes)].flatMap((node) => [...allNodes([node])].map(parametersIn)));
}

function parametersIn(node: Node): Dimension {
  return node.kind === 'block' ? totalsOf(node.instance).parameters : parametersOf(node);
}

/** None where there are none, or uses differ. */
function countText(counts: readonly Dimension[]): string | undefined {
  const known = new Set(counts.map(constantValue));
  const [only] = known;
  return known.size !== 1 || only === undefined || only === 0n ? undefined : `${shortCount(only)} params`;
}
