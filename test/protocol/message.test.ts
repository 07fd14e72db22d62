import assert from 'node:assert/strict';
import { documentAnalysed } from '../../server/src/protocol/documentAnalysed.ts';
import { generatePyTorch, type GeneratePyTorchResult } from '../../server/src/protocol/generatePyTorch.ts';
import { readInitializationOptions } from '../../server/src/protocol/initialization.ts';
import { answer, ask, hear } from '../../server/src/protocol/message.ts';

/** A wire: what is registered at one end is called from the other, by way of JSON. */
function wire() {
  const requests = new Map<string, (params: unknown) => Promise<unknown>>();
  const notifications = new Map<string, (params: unknown) => void>();
  const overTheWire = (value: unknown): unknown => JSON.parse(JSON.stringify(value));
  return {
    onRequest: (method: string, handler: (params: unknown) => Promise<unknown>) => requests.set(method, handler),
    onNotification: (method: string, handler: (params: unknown) => void) => notifications.set(method, handler),
    sendRequest: async (method: string, params: unknown) =>
      overTheWire(await requests.get(method)!(overTheWire(params))),
    notify: (method: string, params: unknown) => {
      notifications.get(method)!(overTheWire(params));
    },
  };
}

const result: GeneratePyTorchResult = {
  version: 3,
  models: ['A', 'B'],
  model: 'B',
  problems: [{ message: 'no', uri: 'file:///a.scv', line: 0, character: 4 }],
};

describe('messages', () => {
  it('bring params and result unchanged', async () => {
    const connection = wire();
    answer(connection, generatePyTorch, (params) => {
      assert.deepEqual(params, { uri: 'file:///a.scv', version: 3 });
      return Promise.resolve(result);
    });
    assert.deepEqual(await ask(connection, generatePyTorch, { uri: 'file:///a.scv', version: 3 }), result);
  });

  const malformed: [unknown, RegExp][] = [
    [{}, /^scv\/generatePyTorch params\.uri should be a string, but is missing$/],
    [{ uri: 7 }, /params\.uri should be a string, but is 7/],
    [{ uri: 'a', version: -1 }, /params\.version should be a whole number from 0 on, but is -1/],
    [{ uri: 'a', version: 1.5 }, /params\.version/],
    [[], /params should be an object, but is \[\]/],
    [null, /params should be an object, but is null/],
  ];
  for (const [params, message] of malformed) {
    it(`refuse the params ${JSON.stringify(params)}`, async () => {
      const connection = wire();
      answer(connection, generatePyTorch, () => assert.fail('handled'));
      await assert.rejects(connection.sendRequest(generatePyTorch.method, params), { name: 'InvalidMessage', message });
    });
  }

  it('refuse a malformed result, telling its place', async () => {
    const connection = wire();
    connection.onRequest(generatePyTorch.method, () =>
      Promise.resolve({ ...result, problems: [result.problems[0], { message: 'x', uri: 'file:///a.scv', line: '1' }] }),
    );
    await assert.rejects(
      ask(connection, generatePyTorch, { uri: 'a' }),
      /result\.problems\[1\]\.line should be a whole number from 0 on, but is "1"/,
    );
  });

  it('take null for a field that may be missing, and drop unknown fields', () => {
    const params = generatePyTorch.params({ uri: 'a', model: null, more: 1 }, 'params');
    assert.deepEqual(params, { uri: 'a' });
  });

  it('tell of a malformed notification instead of handling it', () => {
    const connection = wire();
    const heard: unknown[] = [];
    hear(
      connection,
      documentAnalysed,
      (params) => heard.push(params),
      (error) => heard.push(error.message),
    );
    connection.notify(documentAnalysed.method, { uri: 'a', version: 1 });
    connection.notify(documentAnalysed.method, { uri: 'a' });
    assert.deepEqual(heard, [
      { uri: 'a', version: 1 },
      'scv/documentAnalysed params.version should be a whole number from 0 on, but is missing',
    ]);
  });
});

describe('what a client says of itself', () => {
  it('is the command for pages, if it says one', () => {
    assert.deepEqual(readInitializationOptions({ layerPageCommand: 'scv.openLayerPage' }), {
      layerPageCommand: 'scv.openLayerPage',
    });
    for (const other of [undefined, null, 'x', {}, { layerPageCommand: 1 }, { layerPageCommand: 'a b?(c)' }]) {
      assert.deepEqual(readInitializationOptions(other), {});
    }
  });
});
