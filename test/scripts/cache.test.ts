import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { cached, cacheFolder } from '../../scripts/cache.ts';

describe('the cache', () => {
  const before = process.env.XDG_CACHE_HOME;
  beforeEach(() => {
    process.env.XDG_CACHE_HOME = mkdtempSync(join(tmpdir(), 'scv-cache-'));
  });
  afterEach(() => {
    rmSync(process.env.XDG_CACHE_HOME!, { recursive: true, force: true });
    if (before === undefined) delete process.env.XDG_CACHE_HOME;
    else process.env.XDG_CACHE_HOME = before;
  });

  const fillWith =
    (text: string, after = 0) =>
    async (folder: string) => {
      await pause(after);
      writeFileSync(join(folder, 'file'), text);
    };
  const content = (folder: string) => readFileSync(join(folder, 'file'), 'utf8');

  it('fills a folder once', async () => {
    const first = await cached('thing-1', fillWith('first'));
    assert.equal(await cached('thing-1', fillWith('second')), first);
    assert.equal(content(first), 'first');
  });

  it('keeps the faster one of two that fill at once, and nothing of the other', async () => {
    const folders = await Promise.all([cached('thing-1', fillWith('slow', 50)), cached('thing-1', fillWith('fast'))]);
    assert.deepEqual(folders.map(content), ['fast', 'fast']);
    assert.equal(readdirSync(cacheFolder()).length, 2, 'the folder and the link to it');
  });

  it('keeps nothing of a filling that failed', async () => {
    await assert.rejects(
      cached('thing-1', () => Promise.reject(new Error('no network'))),
      /no network/,
    );
    assert.deepEqual(readdirSync(cacheFolder()), []);
    assert.equal(content(await cached('thing-1', fillWith('again'))), 'again');
  });

  it('fills anew when somebody has deleted the folder', async () => {
    rmSync(await cached('thing-1', fillWith('first')), { recursive: true });
    assert.equal(content(await cached('thing-1', fillWith('second'))), 'second');
  });

  it('removes what a killed process has left a day ago', async () => {
    const abandoned = mkdtempSync(join(await makeFolder(), 'thing-1-'));
    const recent = mkdtempSync(join(cacheFolder(), 'thing-1-'));
    const longAgo = Date.now() / 1000 - 25 * 60 * 60;
    utimesSync(abandoned, longAgo, longAgo);
    await cached('thing-1', fillWith('x'));
    assert.deepEqual([existsSync(abandoned), existsSync(recent)], [false, true]);
  });

  async function makeFolder(): Promise<string> {
    await cached('other', fillWith(''));
    return cacheFolder();
  }
});
