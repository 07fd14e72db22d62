/** From an edit in the graph to its picture: the page, the planner and the analysis, with everything in sight. */
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { chromium, launchChromium } from '../../scripts/chromium.ts';
import { projectFolder } from '../../scripts/processes.ts';
import { graph } from '../../server/src/protocol/graph.ts';
import { planGraphEdit } from '../../server/src/protocol/graphEdit.ts';
import type { FromPage, ToPage } from '../../server/src/protocol/graphView.ts';
import { palette } from '../../server/src/protocol/palette.ts';
import { servePage } from './graphPage.ts';
import { LspClient, type Server } from './lspClient.ts';
import { type Goal, duration, median, percentile, table } from './measure.ts';

const SERVER: Server = { command: [join(projectFolder, 'dist/scv.mjs'), 'lsp'], language: 'scv' };
const BOXES = 1000;
/** Milliseconds. */
const LONGEST = 100;
const WARM_UP = 5;
const EDITS = 30;

/** Texts of 1,000 boxes that can all be in sight. */
const TEXTS: Readonly<Record<string, () => string>> = {
  'blocks of branches': () => {
    const block = `block Wide {\n  input x\n  output x -> [${Array.from({ length: 40 }, () => 'Conv2d(2, 1)').join(', ')}] -> Concat(1)\n}\n\n`;
    return `${block}model M {\n  input x: [N, 8, 4, 4]\n  first = x -> first: Conv2d(8, 1)\n  output y = first${' -> Wide'.repeat(24)}\n}\n`;
  },
  statements: () => {
    const rows = Array.from({ length: 24 }, (_, row) => {
      const from = row === 0 ? 'first' : `y${String(row - 1)}`;
      const names = Array.from({ length: 41 }, (_, i) => `a${String(row)}_${String(i)}`);
      const branches = names.map((name) => `  ${name} = ${from} -> Conv2d(2, 1)\n`).join('');
      return `${branches}  y${String(row)} = (${names.join(', ')}) -> Concat(1)\n`;
    });
    return `model M {\n  input x: [N, 8, 4, 4]\n  first = x -> first: Conv2d(8, 1)\n${rows.join('')}  output y23\n}\n`;
  },
};

export async function measureShowing(): Promise<{ readonly report: string; readonly goals: readonly Goal[] }> {
  const rows: string[][] = [];
  const goals: Goal[] = [];
  for (const [name, textOf] of Object.entries(TEXTS)) {
    const { boxes, times } = await showEdits(textOf());
    const typical = median(times);
    rows.push([name, boxes.toLocaleString('en'), duration(typical), duration(percentile(times, 0.95))]);
    goals.push({
      promise: `an edit in a graph of ${BOXES.toLocaleString('en')} boxes in sight, ${name}, on the screen in at most ${String(LONGEST)} ms (median)`,
      measured: duration(typical),
      isKept: boxes >= BOXES && typical <= LONGEST,
    });
  }
  return { report: table(['', 'boxes in sight', 'median', 'p95'], rows), goals };
}

async function showEdits(text: string): Promise<{ readonly boxes: number; readonly times: readonly number[] }> {
  const uri = 'untitled:wide.scv';
  const client = await LspClient.start(SERVER);
  await client.open(uri, text);
  const server = await servePage((_, message) => answer(client, uri, message));
  const browser = await launchChromium(await chromium());
  try {
    const page = await browser.newPage({ viewport: { width: 1900, height: 1000 } });
    await page.goto(server.address(uri));
    const first = page.locator('.react-flow__node[data-id="first"]');
    await first.waitFor();
    await page.getByRole('button', { name: 'Show All' }).click();
    await page.waitForTimeout(1000); // it moves
    await page.getByRole('button', { name: 'Palette' }).click();
    await page.getByRole('textbox', { name: 'Search the palette' }).fill('relu');
    const field = page.getByRole('textbox', { name: 'Search the palette' });
    const times: number[] = [];
    const overview = await page.getByRole('img', { name: 'Overview' }).getAttribute('aria-label');
    const boxes = Number(overview!.replaceAll(/\D/gu, ''));
    for (let i = 0; i < WARM_UP + EDITS; i++) {
      await page.locator('.react-flow__node[data-id="input:x"]').click();
      await field.focus();
      const took = measured(page);
      await field.press('Enter');
      times.push(await took);
    }
    return { boxes, times: times.slice(WARM_UP) };
  } finally {
    server.close();
    await browser.close();
    await client.close();
  }
}

/** Milliseconds from the next key to the frame that shows another number of boxes. */
async function measured(page: Page): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve) => {
    const count = () => document.querySelector('.overview')?.getAttribute('aria-label');
    const before = count();
    addEventListener('keydown', () => {
      const start = performance.now();
      const look = () => {
        if (count() === before) requestAnimationFrame(look);
        else requestAnimationFrame(() => resolve(performance.now() - start));
      };
      requestAnimationFrame(look);
    }, { capture: true, once: true });
  })`);
}

let number = 0;

/** As the extension answers, without VS Code in between. */
async function answer(client: LspClient, uri: string, message: FromPage): Promise<readonly ToPage[]> {
  const shown = async (): Promise<ToPage> => ({
    kind: 'graph',
    number: ++number,
    uri,
    answer: await client.request(graph, { uri, version: client.version(uri) }),
    settings: { edgeShapes: false },
  });
  switch (message.kind) {
    case 'ready':
      return [await shown()];
    case 'palette':
      return [{ kind: 'palette', groups: await client.request(palette, { uri }) }];
    case 'describe':
      return [{ kind: 'described', request: message.request }];
    case 'edit': {
      const { request, edit } = message;
      const versions = { [uri]: client.version(uri) };
      const plan = await client.request(planGraphEdit, { versions, uri, request: edit });
      if (plan.kind !== 'edits') throw new Error(JSON.stringify(plan));
      await client.change(uri, plan.files[0]!.edits);
      return [{ kind: 'edited', request, outcome: { kind: 'done', notes: plan.notes } }, await shown()];
    }
    default:
      return [];
  }
}
