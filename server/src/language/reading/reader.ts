import { GrammarUtils, type AstNode, type CstNode, type Reference } from 'langium';
import type * as core from '../../core/definition.ts';
import type { Range } from '../../core/definition.ts';
import { sliceStage } from '../../core/elaborate/expressions.ts';
import { functionHabit } from '../../core/elaborate/habits.ts';
import { positionalParameters } from '../../core/elaborate/words.ts';
import { type Fix, fix, insert, remove, replace, spellings, withFixes } from '../../core/fix.ts';
import { findLayer } from '../../core/layers/catalogue.ts';
import type * as ast from '../generated/ast.ts';
import type { PartProblem } from '../problem.ts';
import { numberValue, stringValue } from './literals.ts';
import { structure, type Operand, type Operator } from './operators.ts';

/**
 * Reads the syntax tree of one part as plain data, ranges relative to the part's beginning. What was written from habit
 * (the grammar's slips) is reported here and read as what it means; what nobody can tell becomes missing.
 *
 * The parser leaves out what it could not read, so any child may be undefined, whatever the generated types say.
 */
export class Reader {
  readonly problems: PartProblem[] = [];
  private readonly base: number;
  /** Whether some of the value's text was left out. */
  private isBroken = false;
  /** Documentation of a node in this part: the comment lines directly above. */
  private readonly documentationOf: (node: AstNode) => string | undefined;

  constructor(base: number, documentationOf: (node: AstNode) => string | undefined) {
    this.base = base;
    this.documentationOf = documentationOf;
  }

  // -------------------------------------------------------------------------------------------- places

  private range(node: AstNode): Range {
    return this.rangeOf(node.$cstNode);
  }

  private rangeOf(node: CstNode | undefined): Range {
    if (node === undefined) return { start: 0, end: 0 };
    // What the parser gave up before its first token has no place of its own.
    if (isEmpty(node)) return endOf(this.rangeOf(node.container));
    return { start: offsetOf(node) - this.base, end: endOffsetOf(node) - this.base };
  }

  private nodeOf(node: AstNode, property: string, index?: number): CstNode | undefined {
    return GrammarUtils.findNodeForProperty(node.$cstNode, property, index);
  }

  private identifier(node: AstNode, property: string, text: string | undefined, index?: number): core.Identifier {
    const place = this.nodeOf(node, property, index);
    return { text: text ?? '', range: place === undefined ? startOf(this.range(node)) : this.rangeOf(place) };
  }

  private problem(
    code: string,
    range: Range,
    message: string,
    fixes: readonly Fix<Range>[] = [],
    severity: PartProblem['severity'] = 'error',
  ): void {
    this.problems.push({ code, severity, message, range, ...withFixes(fixes) });
  }

  /** A fix that needs all of these to have been read. */
  private whole(nodes: readonly (AstNode | undefined)[], make: () => Fix<Range>): readonly Fix<Range>[] {
    return nodes.every((node) => node?.$cstNode !== undefined) ? [make()] : [];
  }

  /** What is written there, to be written elsewhere. */
  private text(node: AstNode | undefined): string {
    return node?.$cstNode?.text ?? '';
  }

  /** What is written there, on one line and not too long to quote. */
  private written(node: AstNode | undefined): string {
    const text = node?.$cstNode?.text.replaceAll(/\s+/g, ' ') ?? '…';
    return text.length > 40 ? `${text.slice(0, 38)}…` : text;
  }

  private keyword(node: AstNode, keyword: string, index?: number): Range {
    const place = GrammarUtils.findNodeForKeyword(node.$cstNode, keyword, index);
    return place === undefined ? startOf(this.range(node)) : this.rangeOf(place);
  }

  // -------------------------------------------------------------------------------------------- parts

  import(node: ast.Import): core.Import {
    return {
      names: node.names.map((name) => ({
        target: this.identifier(name, 'target', maybe(name.target)?.$refText),
        ...optional('alias', name.name === undefined ? undefined : this.identifier(name, 'name', name.name)),
      })),
      path: this.string(node, 'path'),
      range: this.range(node),
    };
  }

  /** What the header of a model or block says, and all of an extern. */
  header(node: ast.Definition): Pick<core.Definition, 'name' | 'parameters'> {
    const name = this.identifier(node, 'name', node.name);
    if (name.text !== '') this.refuseKeyword(name, node.$type === 'Model' ? 'a model' : 'a block');
    return { name, parameters: node.parameters.flatMap((parameter) => this.parameter(parameter)) };
  }

  private parameter(node: ast.Parameter): core.Parameter[] {
    if (maybe(node.name) === undefined) return [];
    const name = this.identifier(node, 'name', node.name);
    this.refuseKeyword(name, 'a parameter');
    return [
      {
        name,
        ...optional('type', node.type === undefined ? undefined : this.identifier(node, 'type', node.type)),
        ...optional('default', node.default === undefined ? undefined : this.expression(node.default)),
        ...optional('documentation', this.documentationOf(node)),
        range: this.range(node),
      },
    ];
  }

  extern(node: ast.Extern): Omit<core.Extern, 'id' | 'hash' | 'documentation'> {
    const inputs: core.Port[] = [];
    const outputs: core.Expression[] = [];
    const counts: Record<string, core.Expression> = {};
    for (const item of node.items) {
      if (item.$type === 'Input') {
        for (const port of item.ports) inputs.push(this.port(port));
      } else if (item.$type === 'ExternOutput') {
        for (const shape of item.shapes) outputs.push(this.expression(shape));
      } else if (item.key === 'parameters' || item.key === 'macs') {
        counts[item.key] = this.expressionIn(item, item.value);
      } else {
        const key = this.identifier(item, 'key', item.key);
        this.problem(
          'unknown-key',
          key.range,
          `An extern has no "${key.text}": after its inputs and outputs only "parameters:" and "macs:" are told.`,
          [
            ...spellings(key.text, key.range, ['parameters', 'macs']),
            fix(`Remove ${key.text}`, [remove(this.range(item))]),
          ],
          'warning',
        );
      }
    }
    const construction = node.construction === undefined ? undefined : this.expression(node.construction);
    const isConstruction = construction?.kind === 'call' || construction?.kind === 'name';
    if (construction !== undefined && !isConstruction && construction.kind !== 'missing') {
      this.problem(
        'syntax',
        construction.range,
        'After "as" stands how the class is constructed, as in DeformConv2d(x.channels, out, 3).',
      );
    }
    return {
      kind: 'extern',
      isFunction: node.isFunction,
      ...this.header(node),
      module: this.string(node, 'module'),
      ...optional('construction', isConstruction ? construction : undefined),
      inputs,
      outputs,
      ...optional('parameterCount', counts.parameters),
      ...optional('macs', counts.macs),
    };
  }

  private refuseKeyword(name: core.Identifier, what: string): void {
    if (!KEYWORDS.has(name.text)) return;
    this.problem(
      'reserved-name',
      name.range,
      `"${name.text}" is a word of the language and can't name ${what}; labels, keys and arguments may be called so.`,
    );
  }

  // -------------------------------------------------------------------------------------------- statements

  /** Undefined for what says nothing: it is reported. */
  statement(node: ast.Statement | ast.Stray, isBroken: boolean): core.Statement | undefined {
    const range = this.range(node);
    switch (node.$type) {
      case 'Property':
        return this.property(node, isBroken);
      case 'Input':
        return { kind: 'input', ports: node.ports.map((port) => this.port(port)), range };
      case 'Output':
        return this.output(node, isBroken);
      case 'Weight':
        return {
          kind: maybe(node.kind) ?? 'weight',
          frozen: node.frozen,
          name: this.identifier(node, 'name', node.name),
          shape: this.shape(node.shape) ?? { kind: 'list', items: [missingAt(range.end)], range: endOf(range) },
          ...optional('initialiser', node.initialiser === undefined ? undefined : this.expression(node.initialiser)),
          ...optional('module', node.module === undefined ? undefined : this.string(node, 'module')),
          ...optional('documentation', this.documentationOf(node)),
          range,
        };
      case 'SharedLayer':
        return {
          kind: 'layer',
          frozen: node.frozen,
          name: this.identifier(node, 'name', node.name),
          stage: this.sharedStage(node, isBroken),
          ...optional('documentation', this.documentationOf(node)),
          range,
        };
      case 'Train':
        return {
          kind: 'train',
          properties: node.properties.map((property) => this.property(property, false)),
          range,
        };
      case 'Binding':
        return {
          kind: 'binding',
          names: node.names.map((name) => this.boundName(name, 'a tensor or number')),
          value: this.value(node.value, isBroken, range.end),
          ...optional('documentation', this.documentationOf(node)),
          range,
        };
      case 'Stray':
        if (!isBroken) this.stray(node);
        return undefined;
      default:
        return undefined; // broken before its first word was understood
    }
  }

  private property(node: ast.Property, isBroken: boolean): core.Property {
    const key = this.identifier(node, 'key', node.key);
    if (maybe(node.$container)?.$type !== 'Train' && STATEMENT_KEYWORDS.has(key.text)) {
      this.problem(
        'syntax',
        this.keyword(node, ':'),
        `A name is missing between "${key.text}" and ":": write ${key.text} name: [N, 3, 224, 224].`,
      );
    }
    return {
      kind: 'property',
      key,
      value: this.value(node.value, isBroken, this.range(node).end),
      range: this.range(node),
    };
  }

  private port(node: ast.Port): core.Port {
    return {
      name: this.identifier(node, 'name', node.name),
      ...optional('shape', this.shape(node.shape)),
      range: this.range(node),
    };
  }

  private shape(node: ast.Expression | undefined): core.ListExpression | undefined {
    if (node === undefined) return undefined;
    const shape = this.expression(node);
    if (shape.kind === 'list') return shape;
    if (shape.kind !== 'missing')
      this.problem(
        'syntax',
        shape.range,
        'A shape is a list in square brackets, as in [N, 3, 224, 224].',
        shape.kind === 'tuple' ? [bracketed(shape.range)] : [],
      );
    const items = shape.kind === 'tuple' ? shape.items : [missingAt(shape.range.start)];
    return { kind: 'list', items, range: shape.range };
  }

  private output(node: ast.Output, isBroken: boolean): core.OutputStatement {
    const range = this.range(node);
    const values = node.values.map((value) => this.value(value, isBroken, range.end));
    if (values.length > 1) {
      this.problem(
        'output-list',
        this.keyword(node, ','),
        `Several outputs are a tuple, output (${node.values.map((each) => this.written(each)).join(', ')}), or several output statements.`,
        this.whole([node.values.at(-1)], () =>
          fix(
            'Put the outputs in parentheses',
            [insert(values[0]!.range.start, '('), insert(this.range(node.values.at(-1)!).end, ')')],
            'preferred',
          ),
        ),
      );
    }
    const first = values[0] ?? missingAt(range.end);
    const value: core.Expression =
      values.length > 1
        ? {
            kind: 'tuple',
            items: values,
            range: { start: first.range.start, end: values.at(-1)!.range.end },
          }
        : first;
    return {
      kind: 'output',
      ...optional('name', node.name === undefined ? undefined : this.identifier(node, 'name', node.name)),
      ...optional('shape', this.shape(node.shape)),
      value,
      range,
    };
  }

  private sharedStage(node: ast.SharedLayer, isBroken: boolean): core.Stage {
    const stages = this.stages(node.stages);
    const first = stages[0];
    const last = stages.at(-1);
    if (isBroken || first === undefined || last === undefined) return missingStageAt(this.range(node).end);
    if (stages.length === 1) return first;
    const callee = first.body.kind === 'call' ? first.body.callee.range : first.range;
    this.problem(
      'layer-parentheses',
      callee,
      'A shared layer of several stages is a group: put them in parentheses, layer name = (A -> B).',
      [fix('Put the stages in parentheses', [insert(first.range.start, '('), insert(last.range.end, ')')], 'harmless')],
    );
    const range = { start: first.range.start, end: last.range.end };
    return { frozen: false, body: { kind: 'group', stages, range }, range };
  }

  private stray(node: ast.Stray): void {
    const value = node.value as AnyExpression | undefined;
    const range = this.range(node);
    if (value?.$type === 'Pipeline')
      this.problem(
        'syntax',
        startOf(range, 1),
        'What comes out of this goes nowhere: write output before it, or a name and "=".',
        [fix('Write output before it', [insert(range.start, 'output ')], 'preferred')],
      );
    else
      this.problem(
        'syntax',
        range,
        'This says nothing by itself: a statement is name = expression, output expression, key: value, or begins with input, weight, buffer, layer or train.',
      );
  }

  private boundName(node: ast.BoundName, what: string): core.Identifier {
    const name = this.identifier(node, 'name', node.name);
    this.refuseKeyword(name, what);
    return name;
  }

  /** What is only half read has an unknown value: nothing wrong is said of what follows from it. */
  private value(node: ast.Expression | undefined, isBroken: boolean, end: number): core.Expression {
    if (node === undefined) return missingAt(end);
    this.isBroken = isBroken;
    const value = this.expression(node);
    if (!isBroken) return value;
    if (value.kind === 'pipeline') {
      // A name at the end may be the label of what couldn't be read.
      const body = value.stages.at(-1)?.body;
      const isBare = body?.kind === 'call' && body.arguments === undefined;
      const stages = isBare ? value.stages.slice(0, -1) : value.stages;
      return { ...value, stages: [...stages, missingStageAt(value.range.end)] };
    }
    return { kind: 'missing', range: value.range };
  }

  private string(node: AstNode, property: string): core.StringLiteral {
    const place = this.nodeOf(node, property);
    return {
      kind: 'string',
      value: place === undefined ? '' : stringValue(place.text),
      range: place === undefined ? endOf(this.range(node)) : this.rangeOf(place),
    };
  }

  // -------------------------------------------------------------------------------------------- stages

  private stages(nodes: readonly ast.Stage[] | undefined): core.Stage[] {
    return (nodes ?? []).map((node) => this.stage(node));
  }

  private stage(node: ast.Stage): core.Stage {
    for (const operator of node.tailOperators.length === 0 ? [] : this.operators(node, 'tailOperators')) {
      this.problem(
        'chain-parentheses',
        operator.range,
        `"${operator.text}" would belong to the last stage: put the chain before it in parentheses, (x -> Layer) ${operator.text} …`,
        this.chainFixes(node),
      );
      break;
    }
    const count = node.count === undefined ? this.leadingCount(node) : this.count(node.count);
    const star = node.count === undefined ? undefined : GrammarUtils.findNodeForKeyword(node.$cstNode, '*');
    return {
      frozen: node.frozen,
      ...optional('label', node.label === undefined ? undefined : this.label(node.label)),
      body: this.stageBody(node.body, this.range(node).end),
      ...optional('count', count),
      ...optional('countOperator', star === undefined ? undefined : this.rangeOf(star)),
      range: this.range(node),
    };
  }

  /** Parentheses around the chain before an operator. */
  private chainFixes(node: ast.Stage): readonly Fix<Range>[] {
    const chain = node.$container;
    if (chain.$type !== 'Pipeline') return [];
    const last = node.count ?? node.body;
    return this.whole([chain.source, last], () =>
      fix(
        'Put the chain in parentheses',
        [insert(this.range(chain.source).start, '('), insert(this.range(last).end, ')')],
        'preferred',
      ),
    );
  }

  /** Its place is what is written, parentheses included. */
  private count(node: ast.Expression): core.Expression {
    return { ...this.expression(node), range: this.range(node) };
  }

  private leadingCount(node: ast.Stage): core.Expression | undefined {
    if (node.leadingCount === undefined) return undefined;
    const range = this.rangeOf(this.nodeOf(node, 'leadingCount'));
    this.problem(
      'repeat-order',
      range,
      `How often a stage is repeated stands behind it: ${this.written(node.body)} * ${node.leadingCount}.`,
      this.whole([node.body], () =>
        fix(
          `Put * ${String(node.leadingCount)} behind it`,
          [
            replace({ start: range.start, end: this.range(node.body).start }, ''),
            insert(this.range(node.body).end, ` * ${String(node.leadingCount)}`),
          ],
          'harmless',
        ),
      ),
    );
    return this.number(node.leadingCount, range);
  }

  private label(node: ast.Label): core.Label {
    const parts: (string | core.Expression)[] = [node.head];
    for (const part of node.parts) {
      parts.push(this.expressionIn(part, part.number));
      if (part.tail !== undefined) parts.push(part.tail);
    }
    return { parts, range: this.range(node) };
  }

  private stageBody(node: ast.StageBody | undefined, end: number): core.StageBody {
    if (node === undefined) return { kind: 'missing', range: { start: end, end } };
    const range = this.range(node);
    switch (node.$type) {
      case 'CallStage':
        return this.callStage(node);
      case 'GroupStage':
        return { kind: 'group', stages: this.stages(node.stages), range };
      case 'ParallelStage':
        return { kind: 'parallel', branches: node.branches.map((branch) => this.stages(branch.stages)), range };
      case 'ForStage':
        return {
          kind: 'for',
          names: node.names.map((name) => this.boundName(name, 'a loop variable')),
          iterable: this.expressionIn(node, node.iterable),
          stages: this.stages(node.stages),
          range,
        };
      case 'IfStage':
        return this.ifStage(node);
      default:
        return { kind: 'missing', range: endOf(range) };
    }
  }

  private callStage(node: ast.CallStage): core.StageBody {
    const range = this.range(node);
    const callee = this.reference(node, 'callee', node.callee);
    if (callee.text.trim() === '') return { kind: 'missing', range: endOf(range) };
    const prefix = node.prefix;
    if (prefix.length > 0)
      this.torchPrefix({ start: range.start, end: callee.range.start }, `${prefix.join('.')}.`, callee.text);
    if (node.calledWith.length > 0) {
      const call = this.keyword(node, '(', 1);
      this.layerCalled(call, node.calledWith, callee.text, [
        fix('Remove the second parentheses', [replace({ start: call.start, end: range.end }, '')], 'preferred'),
      ]);
    }
    const open = node.open ? this.arguments(node.arguments, callee.text) : undefined;
    if (open === 'disordered') return { kind: 'missing', range };
    return { kind: 'call', callee, ...optional('arguments', open), range };
  }

  private torchPrefix(range: Range, prefix: string, name: string): void {
    this.problem('torch-prefix', range, `Layers are written without "${prefix}": just ${name}.`, [
      fix(`Remove ${prefix}`, [replace(range, '')], 'harmless'),
    ]);
  }

  private layerCalled(range: Range, fed: readonly ast.Argument[], layer: string, fixes: readonly Fix<Range>[]): void {
    const source = fed.map((argument) => this.written(argument)).join(', ');
    const chain = `${fed.length === 1 ? source : `(${source})`} -> ${layer}`;
    this.problem(
      'layer-called',
      range,
      `A layer isn't called with a tensor; the tensor goes in by "->": write ${chain}.`,
      fixes,
    );
  }

  private ifStage(node: ast.IfStage): core.StageBody {
    const arms = node.arms;
    let otherwise = node.otherwise.length > 0 ? (this.stages(node.otherwise) as readonly core.Stage[]) : undefined;
    const end = this.range(node).end;
    for (const arm of arms.toReversed()) {
      const range = { start: this.range(arm).start, end };
      const body: core.IfStage = {
        kind: 'if',
        condition: this.expressionIn(arm, arm.condition),
        then: this.stages(arm.stages),
        ...optional('otherwise', otherwise),
        range,
      };
      otherwise = [{ frozen: false, body, range }];
    }
    const first = otherwise?.[0]?.body;
    return first?.kind === 'if' ? { ...first, range: this.range(node) } : { kind: 'missing', range: this.range(node) };
  }

  /** @param callee whose they are, where that is a name */
  private arguments(nodes: readonly ast.Argument[] | undefined, callee?: string): core.Argument[] | 'disordered' {
    const result: core.Argument[] = [];
    let isDisordered = false;
    for (const node of nodes ?? []) {
      const name = node.parameter === undefined ? undefined : this.reference(node, 'parameter', node.parameter);
      const range = this.range(node);
      if (node.colon)
        this.problem(
          'argument-colon',
          this.keyword(node, ':'),
          `An argument is given with "=": ${name?.text ?? ''}=…`,
          name === undefined || maybe(node.value) === undefined
            ? []
            : [
                fix(
                  'Write =',
                  [replace({ start: name.range.end, end: this.range(node.value).start }, '=')],
                  'harmless',
                ),
              ],
        );
      const isMissing = (node.value as AnyExpression | undefined)?.$type === 'Missing';
      if (name === undefined && result.at(-1)?.name !== undefined && !isMissing && !isDisordered) {
        isDisordered = true;
        const named = result.findLast((argument) => argument.name !== undefined)?.name?.text ?? '';
        this.problem(
          'argument-order',
          range,
          `${this.written(node)} has no name and can't stand behind ${named}=…: put it first, or give its name too.`,
          nameFixes(callee, result, range),
        );
      }
      const value = this.expressionIn(node, node.value);
      result.push({ ...optional('name', name), value, range });
    }
    return isDisordered ? 'disordered' : result;
  }

  private reference(node: AstNode, property: string, reference: Reference | undefined): core.Identifier {
    const place = reference?.$refNode;
    if (place === undefined) return this.identifier(node, property, reference?.$refText);
    return { text: reference?.$refText ?? '', range: this.rangeOf(place) };
  }

  // -------------------------------------------------------------------------------------------- expressions

  expression(expression: ast.Expression): core.Expression {
    const node = expression as AnyExpression;
    switch (node.$type) {
      case 'Operation': {
        const operands = node.operands.map((operand) => this.operand(operand));
        const operators = this.operators(node, 'operators');
        for (const [i, operator] of operators.entries()) this.refuseWord(operator, node, i);
        while (operands.length <= operators.length)
          operands.push({ signs: [], value: missingAt(this.range(node).end) });
        return structure(operands, operators);
      }
      case 'Pipeline':
        return this.pipeline(node);
      case 'PythonConditional': {
        this.problem(
          'python-conditional',
          this.keyword(node, 'if'),
          `A choice is written if ${this.written(node.condition)} { ${this.written(node.then)} } else { ${this.written(node.otherwise)} }.`,
          this.whole([node.condition, node.then, node.otherwise], () => {
            const [condition, then, otherwise] = [node.condition, node.then, node.otherwise].map((each) =>
              this.text(each),
            );
            const text = `if ${condition!} { ${then!} } else { ${otherwise!} }`;
            return fix('Write it with braces', [replace(this.range(node), text)], 'harmless');
          }),
        );
        return {
          kind: 'conditional',
          condition: this.expressionIn(node, node.condition),
          then: this.expressionIn(node, node.then),
          otherwise: this.expressionIn(node, node.otherwise),
          range: this.range(node),
        };
      }
      default:
        return structure([this.operand(node)], []);
    }
  }

  private expressionIn(parent: AstNode, node: ast.Expression | undefined): core.Expression {
    return node === undefined ? missingAt(this.range(parent).end) : this.expression(node);
  }

  private operators(node: AstNode, property: string): Operator[] {
    return GrammarUtils.findNodesForProperty(node.$cstNode, property).map((place) => ({
      text: place.text.replaceAll(/\s+/g, ''),
      range: this.rangeOf(place),
    }));
  }

  private refuseWord({ text, range }: Operator, operation: ast.Operation, index: number): void {
    if (text === 'is' || text === 'isnot') {
      this.problem(
        'python-is',
        { start: range.start, end: range.start + 2 },
        `Write ${text === 'is' ? '==' : '!='} here; a layer parameter has no identity to compare: give it Identity as its default instead of None.`,
        [fix(`Write ${text === 'is' ? '==' : '!='}`, [replace(range, text === 'is' ? '==' : '!=')], 'preferred')],
      );
    } else if (text === 'in' || text === 'notin') {
      this.problem(
        'python-in',
        { start: range.end - 2, end: range.end },
        'There is no "in" here: compare with == and join the comparisons with "or", n == 1 or n == 2.',
        this.comparisons(operation, index, text === 'in'),
      );
    }
  }

  /** `n in [1, 2]` as `n == 1 or n == 2`. */
  private comparisons({ operands, operators }: ast.Operation, index: number, isIn: boolean): readonly Fix<Range>[] {
    const left = operands[index];
    const right = operands[index + 1] as AnyExpression | undefined;
    if (left?.$cstNode === undefined || (right?.$type !== 'ListLiteral' && right?.$type !== 'Parenthesis')) return [];
    const each = right.items.map((item) => `${this.text(left)} ${isIn ? '==' : '!='} ${this.text(item)}`);
    if (each.length === 0) return [];
    const joined = each.join(isIn ? ' or ' : ' and ');
    const text = operators.length > 1 && each.length > 1 ? `(${joined})` : joined;
    return [
      fix(
        'Write the comparisons',
        [replace({ start: this.range(left).start, end: this.range(right).end }, text)],
        'preferred',
      ),
    ];
  }

  /** What stands for a chain, in parentheses where one can't stand. */
  private asChain(node: AstNode, text: string): string {
    const around = maybe(node.$container);
    const isValue = around?.$type === 'Binding' || around?.$type === 'Output';
    return isValue || node.$containerProperty === 'source' ? text : `(${text})`;
  }

  private pipeline(node: ast.Pipeline): core.Expression {
    const source = this.expressionIn(node, node.source);
    const stages = this.stages(node.stages);
    const last = node.stages.at(-1);
    const end = stages.at(-1)?.range.end ?? source.range.end;
    if (last === undefined || last.tail.length === 0) {
      return { kind: 'pipeline', source, stages, range: { start: source.range.start, end } };
    }
    // `image -> conv + x` is meant as `(image -> conv) + x`.
    const operators = this.operators(last, 'tailOperators');
    const body = stages.at(-1)!;
    const before = operators[0]!.range.start;
    const chain: core.Expression = {
      kind: 'pipeline',
      source,
      stages: [
        ...stages.slice(0, -1),
        { ...body, range: { start: body.range.start, end: Math.min(body.range.end, before) } },
      ],
      range: { start: source.range.start, end: before },
    };
    const operands = [{ signs: [], value: chain }, ...last.tail.map((operand) => this.operand(operand))];
    return operands.length === operators.length + 1
      ? structure(operands, operators)
      : { kind: 'missing', range: this.range(node) };
  }

  /** An operand and its signs, which hang on its innermost node. */
  private operand(expression: ast.Expression): Operand {
    const node = expression as AnyExpression;
    if (node.$type === 'Operation' || node.$type === 'Pipeline' || node.$type === 'PythonConditional')
      return { signs: [], value: this.expression(node) };
    let innermost = node;
    while (innermost.$type === 'Member' || innermost.$type === 'Subscription' || innermost.$type === 'ValueCall') {
      innermost = innermost.$type === 'ValueCall' ? innermost.callee : innermost.object;
    }
    const signs = innermost.signs.length === 0 ? [] : this.operators(innermost, 'signs');
    const start = signs.at(-1)?.range.end;
    const value = this.postfix(node, start === undefined ? this.range(node).start : this.firstAfter(innermost, start));
    return {
      signs: signs.map(({ text, range }) => ({
        operator: text as core.UnaryExpression['operator'],
        start: range.start,
      })),
      value,
    };
  }

  /** Where an operand begins behind its signs. */
  private firstAfter(node: AstNode, end: number): number {
    const cst = node.$cstNode;
    if (cst === undefined || !('content' in cst)) return end;
    const leaves = flatten(cst);
    return (leaves.find((leaf) => leaf.offset - this.base >= end)?.offset ?? end + this.base) - this.base;
  }

  private postfix(expression: ast.Expression, start: number): core.Expression {
    const node = expression as AnyExpression;
    const range = { start, end: this.range(node).end };
    switch (node.$type) {
      case 'Member':
        return this.member(node, range);
      case 'Subscription':
        return this.subscription(node, range);
      case 'ValueCall':
        return this.valueCall(node, range);
      case 'NumberLiteral':
        return this.number(node.text, range);
      case 'StringLiteral':
        // As written: the parser's own value has no quotes, and knows nothing of a missing one.
        return { kind: 'string', value: stringValue(this.nodeOf(node, 'text')?.text ?? '""'), range };
      case 'BooleanLiteral':
        return { kind: 'boolean', value: node.text === 'True', range };
      case 'NoneLiteral':
        return { kind: 'none', range };
      case 'Name':
        return this.name(node, range);
      case 'KeywordName':
        return { kind: 'name', name: { text: node.text, range }, range };
      case 'Call': {
        const argumentList = this.arguments(node.arguments, maybe(node.callee)?.$refText);
        if (argumentList === 'disordered') return { kind: 'missing', range };
        return { kind: 'call', callee: this.reference(node, 'callee', node.callee), arguments: argumentList, range };
      }
      case 'ListLiteral':
        return { kind: 'list', items: node.items.map((item) => this.expression(item)), range };
      case 'Parenthesis': {
        const items = node.items.map((item) => this.expression(item));
        const only = items[0];
        if (items.length === 1 && only !== undefined && node.commas.length === 0) return only;
        // Empty where what stood in it was too deep to be read.
        if (items.length === 0 && this.isBroken) return { kind: 'missing', range };
        return { kind: 'tuple', items, range };
      }
      case 'Conditional':
        return this.conditional(node, range);
      default:
        return { kind: 'missing', range: endOf(range) };
    }
  }

  private name(node: ast.Name, range: Range): core.Expression {
    const text = maybe(node.target)?.$refText ?? '';
    const literal = SPELLINGS.get(text);
    if (literal === undefined) return { kind: 'name', name: { text, range }, range };
    this.problem('literal-spelling', range, `Write ${literal}, as Python does.`, [
      fix(`Write ${literal}`, [replace(range, literal)], 'harmless'),
    ]);
    return literal === 'None' ? { kind: 'none', range } : { kind: 'boolean', value: literal === 'True', range };
  }

  private number(text: string, range: Range): core.Expression {
    const value = numberValue(text);
    if (value !== undefined) return { kind: 'number', text, value, range };
    this.problem(
      'syntax',
      range,
      `Python reads no number in ${text}${/^0\d/.test(text) ? ': leave out the zeros before it' : ''}.`,
      /^0\d+$/.test(text)
        ? [fix(`Write ${text.replace(/^0+(?=\d)/, '')}`, [replace(range, text.replace(/^0+(?=\d)/, ''))], 'preferred')]
        : [],
    );
    return { kind: 'missing', range };
  }

  private member(node: ast.Member, range: Range): core.Expression {
    const member = this.identifier(node, 'member', node.member);
    if (member.text.trim() === '') return { kind: 'missing', range };
    const prefix = torchName(node.object);
    if (prefix !== undefined && !TENSOR_MEMBERS.has(member.text)) {
      this.torchPrefix({ start: range.start, end: member.range.start }, `${prefix}.`, member.text);
      return { kind: 'name', name: member, range: member.range };
    }
    return { kind: 'member', object: this.postfix(node.object, range.start), member, range };
  }

  private subscription(node: ast.Subscription, range: Range): core.Expression {
    const object = this.postfix(node.object, range.start);
    const subscripts = node.subscripts;
    const only = subscripts[0];
    if (subscripts.length !== 1 || only === undefined) {
      if (subscripts.length > 1) {
        this.problem(
          'tensor-subscript',
          this.keyword(node, '['),
          'Tensors are cut by layers: x -> Select(dim, index), x -> Slice(dim, start, stop), (x, i) -> Index(dim).',
          this.cutFixes(node),
        );
      }
      return { kind: 'missing', range };
    }
    const read = (part: ast.Expression | undefined): core.Expression | undefined =>
      part === undefined || part.$type === 'Missing' ? undefined : this.expression(part);
    if (!only.slice)
      return { kind: 'index', object, index: read(only.start) ?? missingAt(this.range(only).end), range };
    return {
      kind: 'slice',
      object,
      ...optional('start', read(only.start)),
      ...optional('stop', read(only.stop)),
      ...optional('step', read(only.step)),
      range,
    };
  }

  /** `x[:, 0]` as `x -> Select(1, 0)`; the last dimension first, so that the others keep their numbers. */
  private cutFixes(node: ast.Subscription): readonly Fix<Range>[] {
    const textOf = (part: ast.Expression | undefined): string | undefined =>
      part === undefined || part.$type === 'Missing' ? undefined : this.text(part);
    if (maybe(node.object) === undefined || node.subscripts.some(({ step }) => step !== undefined)) return [];
    const stages = node.subscripts.flatMap(({ start, stop, slice }, dim) => {
      const [from, to] = [textOf(start), textOf(stop)];
      if (!slice) return [`Select(${String(dim)}, ${from ?? '0'})`];
      return from === undefined && to === undefined ? [] : [sliceStage(dim, from, to)];
    });
    if (stages.length === 0) return [];
    const chain = [this.text(node.object), ...stages.toReversed()].join(' -> ');
    return [fix(`Write ${chain}`, [replace(this.range(node), this.asChain(node, chain))], 'preferred')];
  }

  /** A call of what isn't a name. */
  private valueCall(node: ast.ValueCall, range: Range): core.Expression {
    const callee = node.callee as AnyExpression | undefined;
    const open = this.keyword(node, '(');
    const called = this.arguments(node.arguments);
    const fed = called === 'disordered' ? [] : called;
    if (callee?.$type === 'Call') {
      const sources = node.arguments.map((each) => this.text(each));
      const fedBy = sources.length === 1 ? sources[0]! : `(${sources.join(', ')})`;
      const chain = `${fedBy} -> ${this.text(callee)}`;
      this.layerCalled(open, node.arguments, this.written(callee), [
        ...(sources.length === 0
          ? []
          : [fix('Feed it by ->', [replace(range, this.asChain(node, chain))], 'preferred')]),
      ]);
      const layer = this.postfix(callee, range.start);
      const source = sourceOf(fed, open);
      if (layer.kind !== 'call' || source === undefined) return { kind: 'missing', range };
      return { kind: 'pipeline', source, stages: [{ frozen: false, body: layer, range: layer.range }], range };
    }
    if (callee?.$type === 'Member') {
      const member = this.identifier(callee, 'member', callee.member);
      const prefix = torchName(callee.object);
      if (prefix !== undefined) {
        this.torchPrefix({ start: range.start, end: member.range.start }, `${prefix}.`, member.text);
        return { kind: 'call', callee: member, arguments: fed, range: { start: member.range.start, end: range.end } };
      }
      this.problem(
        'syntax',
        open,
        `"${member.text}" can't be called: tensors have no methods, their functions stand behind "->", as in x -> Reshape([N, -1]).`,
        this.methodFixes(node, callee, member, fed),
      );
      return { kind: 'missing', range };
    }
    this.problem('syntax', open, 'Only names can be called; an operator or "->" is missing before this parenthesis.');
    return { kind: 'missing', range };
  }

  /** `x.relu()` as `x -> ReLU`. */
  private methodFixes(
    node: ast.ValueCall,
    callee: ast.Member,
    member: core.Identifier,
    fed: readonly core.Argument[],
  ): readonly Fix<Range>[] {
    if (maybe(callee.object) === undefined) return [];
    const object = this.postfix(callee.object, this.range(callee.object).start);
    const habit = functionHabit(member.text, [{ value: object, range: object.range }, ...fed]);
    if (habit?.instead === undefined) return [];
    return [fix(`Write ${habit.instead}`, [replace(this.range(node), this.asChain(node, habit.instead))], 'preferred')];
  }

  private conditional(node: ast.Conditional, range: Range): core.Expression {
    const arms = node.arms;
    let otherwise: core.Expression;
    if (node.otherwise !== undefined) {
      otherwise = this.expression(node.otherwise);
    } else {
      otherwise = missingAt(range.end);
      this.problem(
        'syntax',
        this.keyword(node, 'if'),
        'A choice between values needs an else: if condition { a } else { b }.',
      );
    }
    for (const arm of arms.toReversed()) {
      otherwise = {
        kind: 'conditional',
        condition: this.expressionIn(arm, arm.condition),
        then: this.expressionIn(arm, arm.value),
        otherwise,
        range: { start: arm === arms[0] ? range.start : this.range(arm).start, end: range.end },
      };
    }
    return otherwise;
  }
}

/** Square brackets for the parentheses around something. */
function bracketed({ start, end }: Range): Fix<Range> {
  return fix(
    'Write square brackets',
    [replace({ start, end: start + 1 }, '['), replace({ start: end - 1, end }, ']')],
    'preferred',
  );
}

/** The name of a layer's parameter that stands at an argument's place. */
function nameFixes(callee: string | undefined, before: readonly core.Argument[], at: Range): readonly Fix<Range>[] {
  const layer = callee === undefined ? undefined : findLayer(callee);
  const name = layer === undefined ? undefined : positionalParameters(layer, before)[before.length];
  if (name === undefined || before.some((each) => each.name?.text === name)) return [];
  return [fix(`Name it: ${name}=`, [insert(at.start, `${name}=`)], 'preferred')];
}

/** A composite in which no token stands, at any depth. */
function isEmpty(node: CstNode): boolean {
  return 'content' in node && (node.content as readonly CstNode[]).every(isEmpty);
}

/** Where its first token is; what is empty before that has none. */
function offsetOf(node: CstNode): number {
  const first = 'content' in node ? (node.content as readonly CstNode[]).find((child) => !isEmpty(child)) : undefined;
  return first === undefined ? node.offset : offsetOf(first);
}

function endOffsetOf(node: CstNode): number {
  const last =
    'content' in node ? (node.content as readonly CstNode[]).findLast((child) => !isEmpty(child)) : undefined;
  return last === undefined ? node.end : endOffsetOf(last);
}

type AnyExpression =
  | ast.BooleanLiteral
  | ast.Call
  | ast.Conditional
  | ast.KeywordName
  | ast.ListLiteral
  | ast.Member
  | ast.Missing
  | ast.Name
  | ast.NoneLiteral
  | ast.NumberLiteral
  | ast.Operation
  | ast.Parenthesis
  | ast.Pipeline
  | ast.PythonConditional
  | ast.StringLiteral
  | ast.Subscription
  | ast.ValueCall;

const STATEMENT_KEYWORDS = new Set(['input', 'output', 'weight', 'buffer', 'layer']);
export const KEYWORDS: ReadonlySet<string> = new Set([
  ...STATEMENT_KEYWORDS,
  'import',
  'from',
  'as',
  'model',
  'block',
  'extern',
  'function',
  'frozen',
  'train',
]);
const SPELLINGS: ReadonlyMap<string, 'True' | 'False' | 'None'> = new Map([
  ['true', 'True'],
  ['false', 'False'],
  ['TRUE', 'True'],
  ['FALSE', 'False'],
  ['null', 'None'],
  ['none', 'None'],
  ['nil', 'None'],
]);
const TORCH = new Set(['nn', 'torch', 'F', 'torchvision', 'functional']);
const TENSOR_MEMBERS = new Set(['channels', 'height', 'width', 'features', 'rank', 'shape']);

/** `nn`, `torch.nn.functional`: what people write before a layer's name. */
function torchName(expression: ast.Expression | undefined): string | undefined {
  const node = expression as AnyExpression | undefined;
  if (node?.$type === 'Name') return TORCH.has(node.target.$refText) ? node.target.$refText : undefined;
  if (node?.$type !== 'Member') return undefined;
  const inner = torchName(node.object);
  return inner === undefined ? undefined : `${inner}.${node.member}`;
}

/** What `Conv2d(8, 3)(image)` feeds. */
function sourceOf(fed: readonly core.Argument[], place: Range): core.Expression | undefined {
  const values = fed.map((argument) => argument.value);
  if (values.length <= 1) return values[0];
  return {
    kind: 'tuple',
    items: values,
    range: { start: place.start, end: values.at(-1)!.range.end },
  };
}

function flatten(node: CstNode): CstNode[] {
  return 'content' in node ? (node.content as readonly CstNode[]).flatMap(flatten) : [node];
}

function startOf(range: Range, length = 0): Range {
  return { start: range.start, end: Math.min(range.start + length, range.end) };
}

function endOf(range: Range): Range {
  return { start: range.end, end: range.end };
}

function missingAt(offset: number): core.MissingExpression {
  return { kind: 'missing', range: { start: offset, end: offset } };
}

function missingStageAt(offset: number): core.Stage {
  const range = { start: offset, end: offset };
  return { frozen: false, body: { kind: 'missing', range }, range };
}

/** A property that is left out where it has no value, as exactOptionalPropertyTypes wants it. */
function optional<K extends string, V>(key: K, value: V | undefined): Partial<Record<K, V>> {
  return (value === undefined ? {} : { [key]: value }) as Partial<Record<K, V>>;
}

/** The generated types know nothing of what the parser could not read and left out. */
function maybe<T>(value: T): T | undefined {
  return value;
}
