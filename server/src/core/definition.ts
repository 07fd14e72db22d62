/**
 * What a `.scv` file says: plain data, made from the syntax tree (or by an importer) and read by everything else.
 *
 * Every range is relative to the part that holds it (one import, one definition's header, one statement), so that
 * a new line above changes nothing here and caches stay warm; {@link Placement} says where the parts begin.
 */

/** Half-open range of UTF-16 offsets, relative to the start of its part. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A name as written, with its place. */
export interface Identifier {
  readonly text: string;
  readonly range: Range;
}

/** A place in a program: stays valid while the definition's text does. */
export interface Site {
  /** {@link Definition.id}, or {@link importsId} of a file. */
  readonly definition: string;
  /** {@link HEADER}, or the index of the statement (of the import, under an {@link importsId}). */
  readonly part: number;
  readonly range: Range;
}

/** The part of a definition before its statements: kind, name, parameters. An extern is all header. */
export const HEADER = -1;

/** The {@link Site.definition} of a file's imports. No definition has it: one may lack its name, but none has a keyword's. */
export function importsId(uri: string): string {
  return `${uri}#import`;
}

/** One parsed file. */
export interface SourceFile {
  readonly uri: string;
  readonly imports: readonly Import[];
  readonly definitions: readonly Definition[];
}

/** Where the parts of a {@link SourceFile} begin: absolute offsets, index by index as in the file. */
export interface Placement {
  readonly imports: readonly number[];
  readonly definitions: readonly { readonly header: number; readonly statements: readonly number[] }[];
}

/** `import { A, B as C } from "./path.scv"`; one part. */
export interface Import {
  readonly names: readonly ImportedName[];
  readonly path: StringLiteral;
  readonly range: Range;
}

export interface ImportedName {
  /** The name in the other file. */
  readonly target: Identifier;
  /** The name here, after `as`. */
  readonly alias?: Identifier;
}

export type Definition = Model | Block | Extern;

interface DefinitionBase {
  /** Unique in the program and steady under edits elsewhere: `uri#Name`, `uri#Name#2` for a second of that name. */
  readonly id: string;
  readonly name: Identifier;
  readonly parameters: readonly Parameter[];
  /** The comment lines directly above, without `#`. */
  readonly documentation?: string;
  /** Of all that the definition says, ranges in its parts included: equal hashes mean equal definitions. */
  readonly hash: string;
  /** Part of its text couldn't be read, and may say more than what is here. */
  readonly isPartlyRead?: true;
}

export interface Model extends DefinitionBase {
  readonly kind: 'model';
  readonly statements: readonly Statement[];
}

export interface Block extends DefinitionBase {
  readonly kind: 'block';
  readonly statements: readonly Statement[];
}

/** A Python class or function we don't know: how it is constructed, its shapes and counts are declared. */
export interface Extern extends DefinitionBase {
  readonly kind: 'extern';
  /** `extern function`: a call without state. */
  readonly isFunction: boolean;
  /** The Python module to import from. */
  readonly module: StringLiteral;
  /** After `as`: how it is constructed (for a function: called); the class of the block's name where absent. */
  readonly construction?: CallExpression | NameExpression;
  readonly inputs: readonly Port[];
  /** One shape an output. */
  readonly outputs: readonly Expression[];
  readonly parameterCount?: Expression;
  readonly macs?: Expression;
}

/** `name: type = default`. */
export interface Parameter {
  readonly name: Identifier;
  readonly type?: Identifier;
  readonly default?: Expression;
  readonly documentation?: string;
  readonly range: Range;
}

export const PARAMETER_TYPES = ['int', 'float', 'bool', 'str', 'ints', 'layer'] as const;
export type ParameterType = (typeof PARAMETER_TYPES)[number];

// ---------------------------------------------------------------------------------------------- statements

export type Statement =
  | Property
  | InputStatement
  | OutputStatement
  | WeightStatement
  | SharedLayerStatement
  | TrainStatement
  | BindingStatement;

/** Metadata: `key: value`. */
export interface Property {
  readonly kind: 'property';
  readonly key: Identifier;
  readonly value: Expression;
  readonly range: Range;
}

export interface InputStatement {
  readonly kind: 'input';
  readonly ports: readonly Port[];
  readonly range: Range;
}

/** `name` or `name: [N, 3, H, W]`. */
export interface Port {
  readonly name: Identifier;
  readonly shape?: ListExpression;
  readonly range: Range;
}

/** `output expression` or `output name: shape = expression`. */
export interface OutputStatement {
  readonly kind: 'output';
  readonly name?: Identifier;
  readonly shape?: ListExpression;
  readonly value: Expression;
  readonly range: Range;
}

/** `weight name: shape = initialiser` and `buffer name: shape = initialiser [from "module"]`. */
export interface WeightStatement {
  readonly kind: 'weight' | 'buffer';
  readonly frozen: boolean;
  readonly name: Identifier;
  readonly shape: ListExpression;
  readonly initialiser?: Expression;
  /** The Python module of the function that makes a buffer's tensor. */
  readonly module?: StringLiteral;
  readonly documentation?: string;
  readonly range: Range;
}

/** `layer name = stage`: one instance for every place that names it. */
export interface SharedLayerStatement {
  readonly kind: 'layer';
  readonly frozen: boolean;
  readonly name: Identifier;
  readonly stage: Stage;
  readonly documentation?: string;
  readonly range: Range;
}

export interface TrainStatement {
  readonly kind: 'train';
  readonly properties: readonly Property[];
  readonly range: Range;
}

/** `x = expression`, `a, b = expression`. */
export interface BindingStatement {
  readonly kind: 'binding';
  readonly names: readonly Identifier[];
  readonly value: Expression;
  readonly documentation?: string;
  readonly range: Range;
}

// ---------------------------------------------------------------------------------------------- stages

/** What may stand after `->`. */
export interface Stage {
  readonly frozen: boolean;
  readonly label?: Label;
  readonly body: StageBody;
  /** After `*`. */
  readonly count?: Expression;
  /** The `*`; absent where the count stands elsewhere. */
  readonly countOperator?: Range;
  readonly range: Range;
}

/** `unit{i}_conv:` is the parts `"unit"`, i, `"_conv"`. */
export interface Label {
  readonly parts: readonly (string | Expression)[];
  /** Without the colon. */
  readonly range: Range;
}

export type StageBody = CallStage | GroupStage | ForStage | IfStage | ParallelStage | MissingStage;

/** A layer, function, block, layer parameter or shared layer. */
export interface CallStage {
  readonly kind: 'call';
  readonly callee: Identifier;
  /** Absent where there are no parentheses. */
  readonly arguments?: readonly Argument[];
  readonly range: Range;
}

/** `(A -> B)`: an nn.Sequential. */
export interface GroupStage {
  readonly kind: 'group';
  readonly stages: readonly Stage[];
  readonly range: Range;
}

export interface ForStage {
  readonly kind: 'for';
  readonly names: readonly Identifier[];
  readonly iterable: Expression;
  readonly stages: readonly Stage[];
  readonly range: Range;
}

export interface IfStage {
  readonly kind: 'if';
  readonly condition: Expression;
  readonly then: readonly Stage[];
  /** `else if` is one stage with an {@link IfStage} body. */
  readonly otherwise?: readonly Stage[];
  readonly range: Range;
}

/** `[A, b: B -> C]`: branches side by side; each is a chain. */
export interface ParallelStage {
  readonly kind: 'parallel';
  readonly branches: readonly (readonly Stage[])[];
  readonly range: Range;
}

/** Where a stage should stand and none does (`x -> ` being typed): what comes out is unknown and nothing more is said of it. */
export interface MissingStage {
  readonly kind: 'missing';
  readonly range: Range;
}

export interface Argument {
  readonly name?: Identifier;
  readonly value: Expression;
  readonly range: Range;
}

// ---------------------------------------------------------------------------------------------- expressions

export type Expression =
  | NumberLiteral
  | StringLiteral
  | BooleanLiteral
  | NoneLiteral
  | NameExpression
  | CallExpression
  | MemberExpression
  | IndexExpression
  | SliceExpression
  | ListExpression
  | TupleExpression
  | UnaryExpression
  | BinaryExpression
  | CompareExpression
  | ConditionalExpression
  | PipelineExpression
  | MissingExpression;

/** An int (`64`, `1_000`) or a float (`1e-3`), as Python writes them. */
export interface NumberLiteral {
  readonly kind: 'number';
  /** As written. */
  readonly text: string;
  readonly value: bigint | number;
  readonly range: Range;
}

export interface StringLiteral {
  readonly kind: 'string';
  /** Unescaped. */
  readonly value: string;
  readonly range: Range;
}

export interface BooleanLiteral {
  readonly kind: 'boolean';
  readonly value: boolean;
  readonly range: Range;
}

export interface NoneLiteral {
  readonly kind: 'none';
  readonly range: Range;
}

export interface NameExpression {
  readonly kind: 'name';
  readonly name: Identifier;
  readonly range: Range;
}

/** `make_divisible(c, 8)`; as an argument also a layer (`LeakyReLU(0.1)`), as metadata a data set or optimizer. */
export interface CallExpression {
  readonly kind: 'call';
  readonly callee: Identifier;
  readonly arguments: readonly Argument[];
  readonly range: Range;
}

/** `x.channels`. */
export interface MemberExpression {
  readonly kind: 'member';
  readonly object: Expression;
  readonly member: Identifier;
  readonly range: Range;
}

/** `x.shape[1]`. */
export interface IndexExpression {
  readonly kind: 'index';
  readonly object: Expression;
  readonly index: Expression;
  readonly range: Range;
}

/** `widths[1:]`. */
export interface SliceExpression {
  readonly kind: 'slice';
  readonly object: Expression;
  readonly start?: Expression;
  readonly stop?: Expression;
  readonly step?: Expression;
  readonly range: Range;
}

export interface ListExpression {
  readonly kind: 'list';
  readonly items: readonly Expression[];
  readonly range: Range;
}

export interface TupleExpression {
  readonly kind: 'tuple';
  readonly items: readonly Expression[];
  readonly range: Range;
}

export interface UnaryExpression {
  readonly kind: 'unary';
  readonly operator: '-' | '+' | 'not';
  readonly operand: Expression;
  readonly range: Range;
}

export const BINARY_OPERATORS = ['+', '-', '*', '/', '//', '%', '**', '@', '..', 'and', 'or'] as const;
export type BinaryOperator = (typeof BINARY_OPERATORS)[number];

export interface BinaryExpression {
  readonly kind: 'binary';
  readonly operator: BinaryOperator;
  readonly operatorRange: Range;
  readonly left: Expression;
  readonly right: Expression;
  readonly range: Range;
}

export type CompareOperator = '==' | '!=' | '<' | '<=' | '>' | '>=';

/** `a < b <= c`: one operator between each two operands. */
export interface CompareExpression {
  readonly kind: 'compare';
  readonly operators: readonly CompareOperator[];
  readonly operands: readonly Expression[];
  readonly range: Range;
}

/** `if c { a } else { b }`. */
export interface ConditionalExpression {
  readonly kind: 'conditional';
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
  readonly range: Range;
}

/** `source -> stage -> stage`. */
export interface PipelineExpression {
  readonly kind: 'pipeline';
  readonly source: Expression;
  readonly stages: readonly Stage[];
  readonly range: Range;
}

/** Where an expression should stand and none does (a file being typed): its value is unknown and nothing more is said of it. */
export interface MissingExpression {
  readonly kind: 'missing';
  readonly range: Range;
}
