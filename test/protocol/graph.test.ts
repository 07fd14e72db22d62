import assert from 'node:assert/strict';
import { InvalidMessage } from '../../server/src/protocol/check.ts';
import { graph, type GraphResult } from '../../server/src/protocol/graph.ts';
import { graphEditRequest } from '../../server/src/protocol/graphEdit.ts';
import { fromPage, toPage, type ToPage } from '../../server/src/protocol/graphView.ts';
import { samples } from '../language/support.ts';
import { Random } from '../random.ts';
import { SEED, caseCount } from '../scale.ts';
import { graphOf, STAGES } from '../webview/pictures.ts';

const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));

function answerOf(text: string): GraphResult {
  const model = graphOf(text);
  return {
    version: 1,
    models: [model.name],
    model: model.name,
    graph: model,
    definitions: [],
    versions: {},
    problems: [],
  };
}

describe('messages about graphs', () => {
  it('bring a graph unchanged', () => {
    const alone = samples('examples').filter(({ text }) => !text.includes('import ') && text.includes('model '));
    assert.ok(alone.length > 5);
    for (const { name, text } of alone) {
      const answer = answerOf(text);
      assert.deepEqual(graph.result(overTheWire(answer), 'it'), overTheWire(answer), name);
      const message: ToPage = {
        kind: 'graph',
        number: 1,
        uri: 'file:///a.scv',
        answer,
        settings: { edgeShapes: true },
      };
      assert.deepEqual(toPage(overTheWire(message), 'it'), overTheWire(message), name);
    }
  });

  it('refuse what refers to nothing', () => {
    const broken = (change: (graph: Record<string, never>) => void): void => {
      const answer = overTheWire(answerOf(STAGES)) as { graph: Record<string, never> };
      change(answer.graph);
      assert.throws(() => graph.result(answer, 'it'), InvalidMessage);
    };
    interface Loose {
      modules: { nodes: Record<string, unknown>[]; inputs: Record<string, unknown>[]; shapes: unknown[] }[];
    }
    const loose = (of: unknown): Loose => of as Loose;
    broken((of) => (loose(of).modules[0]!.nodes[0]!.inputs = [999]));
    broken((of) => (loose(of).modules[0]!.inputs[0]!.tensor = 999));
    broken((of) => (loose(of).modules[0]!.nodes.find(({ module }) => module !== undefined)!.module = 99));
    broken((of) => (loose(of).modules[0]!.nodes[0]!.kind = 'evil'));
    broken((of) => (loose(of).modules[0]!.nodes[0]!.family = 'toString'));
    broken((of) => (loose(of).modules[0]!.shapes[0] = 7));
  });

  it('of a page are refused, or have exactly the form that is promised', () => {
    const place = [{ definition: 'file:///a.scv#A', part: 1, range: { start: 0, end: 3 }, turns: [0] }];
    const messages = [
      { kind: 'ready', model: 'A' },
      { kind: 'reveal', number: 1, place, focus: true },
      { kind: 'describe', number: 1, request: 2, place },
      { kind: 'edit', number: 1, request: 2, edit: { edit: { kind: 'delete', nodes: [place] }, scope: 'all' } },
      {
        kind: 'edit',
        number: 1,
        request: 2,
        edit: {
          edit: {
            kind: 'insertLayer',
            piece: { name: 'ReLU' },
            where: { kind: 'edge', edge: { from: { node: place, output: 0 }, to: { node: place, input: 1 } } },
          },
        },
      },
      { kind: 'save', format: 'svg', content: '<svg/>', name: 'A' },
    ];
    for (const message of messages) assert.deepEqual(fromPage(overTheWire(message), 'it'), message);
    for (const wrong of [
      undefined,
      [],
      'ready',
      {},
      { kind: 'toString' },
      { kind: 'constructor' },
      { kind: 'save', format: 'exe', content: '', name: '' },
      { kind: 'reveal', number: -1, place, focus: true },
      { kind: 'reveal', number: 1, place: [{ ...place[0], turns: [0.5] }], focus: true },
      { kind: 'edit', number: 1, request: 2, edit: { edit: { kind: 'delete' } } },
      { kind: 'edit', number: 1, request: 2, edit: { edit: { kind: 'delete', nodes: [place] }, scope: 'everywhere' } },
    ]) {
      assert.throws(() => fromPage(wrong, 'it'), InvalidMessage, JSON.stringify(wrong));
    }
  });

  it('that are changed by chance are refused with a place, never half used', () => {
    const random = new Random(SEED, 'messages');
    const place = [{ definition: 'a#A', part: 1, range: { start: 0, end: 3 }, turns: [] }];
    const good = { edit: { kind: 'rewire', to: { node: place, input: 0 }, from: { node: place, output: 0 } } };
    let refused = 0;
    for (let i = 0; i < caseCount(300, 5000, 100); i++) {
      const message = overTheWire(good) as Record<string, unknown>;
      let at: Record<string, unknown> = message;
      // Down to some value, which becomes another one.
      for (;;) {
        const key = random.pick(Object.keys(at));
        const inside = at[key];
        if (typeof inside !== 'object' || inside === null || Object.keys(inside).length === 0 || random.chance(0.2)) {
          at[key] = random.pick([null, 'x', -3, 1.5, true, [], {}, [null]]);
          break;
        }
        at = inside as Record<string, unknown>;
      }
      try {
        const checked = graphEditRequest(message, 'it');
        // It may have become another right one; then it is just that.
        assert.deepEqual(graphEditRequest(overTheWire(checked), 'it'), checked);
      } catch (error) {
        assert.ok(error instanceof InvalidMessage && error.message.startsWith('it'), String(error));
        refused += 1;
      }
    }
    assert.ok(refused > 50, `${String(refused)} refused`);
  });
});
