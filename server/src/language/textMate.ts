import { AstUtils, GrammarAST } from 'langium';
import { PARAMETER_TYPES } from '../core/definition.ts';
import { ScvGrammar } from './generated/grammar.ts';

/**
 * The TextMate grammar, which colours a text before the server knows it (syntaxes/scv.tmLanguage.json; a test holds it
 * to this, and renews it). Words come from the grammar; a new keyword without a colour is an error.
 */
export function textMateGrammar(): object {
  const words = keywords();
  const of = (group: string): string => words.filter((word) => COLOURS[word] === group).join('|');
  const uncoloured = words.filter((word) => COLOURS[word] === undefined);
  if (uncoloured.length > 0) throw new Error(`no colour for ${uncoloured.join(', ')}`);
  return {
    name: 'SCV',
    scopeName: 'source.scv',
    fileTypes: ['scv'],
    patterns: [{ include: '#comment' }, { include: '#definition' }, { include: '#statement' }, { include: '#code' }],
    repository: {
      comment: rule('#.*$', 'comment.line.number-sign'),
      definition: {
        patterns: [
          {
            // model Name( … ): what is inside are parameters
            begin: `\\b(?:(extern)\\s+)?(model|block|function)\\s+(${NAME})\\s*(\\()`,
            beginCaptures: captures(
              'storage.modifier',
              'storage.type',
              'entity.name.type',
              'punctuation.section.parens.begin',
            ),
            end: '\\)',
            endCaptures: { 0: { name: scope('punctuation.section.parens.end') } },
            patterns: [
              { include: '#comment' },
              {
                match: `(${NAME})\\s*(:)\\s*(${PARAMETER_TYPES.join('|')})\\b`,
                captures: captures('variable.parameter', 'punctuation.separator.annotation', 'support.type'),
              },
              { match: `(?<=[(,]|^)\\s*(${NAME})\\b(?!\\s*\\()`, captures: captures('variable.parameter') },
              { include: '#code' },
            ],
          },
          {
            match: `\\b(?:(extern)\\s+)?(model|block|function)\\s+(${NAME})(?!\\s*[:=])`,
            captures: captures('storage.modifier', 'storage.type', 'entity.name.type'),
          },
          rule(`\\b(${of('import')})\\b(?!\\s*[:=])`, 'keyword.control.import'),
        ],
      },
      statement: {
        patterns: [
          // A word of the language before `:`, `=` or `{` of a number is a label, a key or an argument.
          rule(`\\b(${of('statement')})\\b(?!\\s*[:=.,)])(?!\\{)`, 'keyword.other'),
          // names bound: x =, a, b =
          {
            match: `^\\s*(${NAME}(?:\\s*,\\s*${NAME})*)\\s*(=)(?!=)`,
            captures: captures('variable.other.readwrite', 'keyword.operator.assignment'),
          },
        ],
      },
      code: {
        patterns: [
          { include: '#comment' },
          { include: '#string' },
          { include: '#stage' },
          { include: '#label' },
          rule(`\\b(${of('control')})\\b(?!\\s*[:=])`, 'keyword.control'),
          rule(`\\b(${of('logical')})\\b`, 'keyword.operator.logical'),
          rule(`\\b(${of('constant')})\\b`, 'constant.language'),
          rule(
            '(?<![\\p{L}\\p{N}_.])(?:0[xX][0-9a-fA-F_]+|0[bB][01_]+|0[oO][0-7_]+|(?:\\d(?:_?\\d)*(?:\\.\\d(?:_?\\d)*)?|\\.\\d(?:_?\\d)*)(?:[eE][+-]?\\d+)?)(?![\\p{L}])',
            'constant.numeric',
          ),
          { match: `(\\.)(${NAME})`, captures: captures('punctuation.accessor', 'variable.other.property') },
          // name=: an argument
          { match: `(${NAME})\\s*(=)(?!=)`, captures: captures('variable.parameter', 'keyword.operator.assignment') },
          // Conv2d, ReLU: layers and blocks begin with a capital and go on; N, H, W are symbols
          rule(`\\b\\p{Lu}(?=[\\p{L}\\p{N}_]*\\p{Ll})[\\p{L}\\p{N}_]*`, 'entity.name.function'),
          rule(`${NAME}(?=\\()`, 'support.function'),
          rule('->', 'keyword.operator.arrow'),
          rule('\\*\\*|//|\\.\\.|==|!=|<=|>=|[-+*/%@<>=]', 'keyword.operator'),
        ],
      },
      stage: {
        // -> frozen label: Layer
        match: `(->)\\s*(?:(frozen)\\s+(?!:))?(?:(${LABEL})\\s*(:)\\s*)?(?:(${NOT_STAGE}${NAME}))?`,
        captures: {
          1: { name: scope('keyword.operator.arrow') },
          2: { name: scope('storage.modifier') },
          3: { patterns: [{ include: '#labelParts' }] },
          4: { name: scope('punctuation.separator.label') },
          5: { name: scope('entity.name.function') },
        },
      },
      label: {
        match: `(?<![\\p{L}\\p{N}_.])(${LABEL})\\s*(:)(?!\\s*[\\]:])`,
        captures: { 1: { patterns: [{ include: '#labelParts' }] }, 2: { name: scope('punctuation.separator.label') } },
      },
      labelParts: {
        patterns: [
          {
            begin: '\\{',
            end: '\\}',
            beginCaptures: { 0: { name: scope('punctuation.section.interpolation.begin') } },
            endCaptures: { 0: { name: scope('punctuation.section.interpolation.end') } },
            patterns: [{ include: '#code' }],
          },
          rule('[\\p{L}\\p{N}_]+', 'entity.name.tag'),
        ],
      },
      string: {
        patterns: ['"', "'"].map((quote) => ({
          name: scope(quote === '"' ? 'string.quoted.double' : 'string.quoted.single'),
          begin: quote,
          end: `${quote}|$`,
          patterns: [rule('\\\\.', 'constant.character.escape')],
        })),
      },
    },
  };
}

const NAME = '[\\p{L}_][\\p{L}\\p{N}_]*';
const LABEL = `${NAME}(?:\\{[^{}]*\\}[\\p{L}\\p{N}_]*)*`;
/** What may stand behind an arrow and is no layer. */
const NOT_STAGE = '(?!(?:for|if)\\b)';

/** What each word of the language is to the eye. */
const COLOURS: Readonly<Record<string, string>> = {
  import: 'import',
  from: 'import',
  as: 'import',
  model: 'definition',
  block: 'definition',
  extern: 'definition',
  function: 'definition',
  input: 'statement',
  output: 'statement',
  weight: 'statement',
  buffer: 'statement',
  layer: 'statement',
  train: 'statement',
  frozen: 'statement',
  if: 'control',
  else: 'control',
  for: 'control',
  in: 'control',
  is: 'control',
  and: 'logical',
  or: 'logical',
  not: 'logical',
  True: 'constant',
  False: 'constant',
  None: 'constant',
};

function keywords(): string[] {
  const words = new Set<string>();
  for (const node of AstUtils.streamAllContents(ScvGrammar())) {
    if (GrammarAST.isKeyword(node) && /^\w+$/.test(node.value)) words.add(node.value);
  }
  return [...words].sort();
}

function scope(name: string): string {
  return `${name}.scv`;
}

function rule(match: string, name: string): object {
  return { name: scope(name), match };
}

function captures(...names: string[]): Record<number, { name: string }> {
  return Object.fromEntries(names.map((name, index) => [index + 1, { name: scope(name) }]));
}
