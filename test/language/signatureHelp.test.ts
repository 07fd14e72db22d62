import assert from 'node:assert/strict';
import { workspace } from './services.ts';

/** The signature with the active parameter in `‹ ›`, or undefined. */
async function signature(source: string): Promise<string | undefined> {
  const files = await workspace({ 'a.scv': source });
  const { document, language } = files;
  const help = await language.scv.lsp.SignatureHelp!.provideSignatureHelp(document, {
    textDocument: { uri: document.uri.toString() },
    position: files.position(),
  });
  const [found] = help?.signatures ?? [];
  if (found === undefined) return undefined;
  const [start, end] = (found.parameters![help!.activeParameter!]?.label ?? [0, 0]) as [number, number];
  const { label } = found;
  return start === end ? label : `${label.slice(0, start)}‹${label.slice(start, end)}›${label.slice(end)}`;
}

const inModel = (rest: string): string => `model M {\n  input image: [N, 3, 8, 8]\n  ${rest}\n}\n`;

describe('signature help', () => {
  for (const [name, source, expected] of [
    [
      "tells torch's parameters while a call is begun, with what is worked out",
      inModel('output image -> Linear(<|>'),
      'Linear(in_features ← 8, ‹out_features: int›, bias: bool = True)',
    ],
    [
      'marks the argument by its place',
      inModel('output image -> Linear(10, <|>)'),
      'Linear(in_features ← 8, out_features: int, ‹bias: bool = True›)',
    ],
    [
      'marks the argument by its name',
      inModel('output image -> Linear(bias=<|>)'),
      'Linear(in_features ← 8, out_features: int, ‹bias: bool = True›)',
    ],
    [
      'marks none behind the last',
      inModel('output image -> Linear(10, True, <|>)'),
      'Linear(in_features ← 8, out_features: int, bias: bool = True)',
    ],
    ['marks one that takes all', inModel('output image -> Permute(0, 2, <|>)'), 'Permute(‹*dims: ints›)'],
    [
      'looks out of a tuple',
      inModel('output image -> ZeroPad2d((1, <|>))'),
      'ZeroPad2d(‹padding: int or (int, int, int, int)›)',
    ],
    [
      'is about the inner of two calls',
      inModel('n = max(1, make_divisible(8, <|>))\n  output image'),
      'make_divisible(value, ‹divisor›)',
    ],
    [
      'tells the parameters of a block',
      `block B(width: int, act = ReLU) {\n  input x\n  output x -> Conv2d(width, 1) -> act\n}\n${inModel('output image -> B(<|>)')}`,
      'B(‹width: int›, act = ReLU)',
    ],
    [
      'takes what all uses of a block agree on',
      `block B { input x  output x -> Linear(<|>) }\n${inModel('output image -> B -> B')}`,
      'Linear(in_features ← 8, ‹out_features: int›, bias: bool = True)',
    ],
    [
      'leaves open what uses of a block differ in',
      `block B(n: int) { input x  output x -> Linear(n<|>) }\n${inModel('output image -> B(4) -> B(5)')}`,
      'Linear(in_features ← worked out, ‹out_features: int›, bias: bool = True)',
    ],
    ['is silent outside of calls', inModel('output image -> Linear(10)<|>'), undefined],
    ['is silent in a group', inModel('output image -> (Flatten -> <|>)'), undefined],
    ['is silent about what there isn’t', inModel('output image -> Lnear(<|>)'), undefined],
  ] as const) {
    it(name, async () => {
      assert.equal(await signature(source), expected);
    });
  }
});
