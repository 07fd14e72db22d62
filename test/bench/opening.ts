/** From opening a model to seeing its picture, beside Netron: both in one Chromium, in turns, everything unfolded. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { chromium, launchChromium } from '../../scripts/chromium.ts';
import { projectFolder } from '../../scripts/processes.ts';
import { netronPackages, pythonEnvironment } from '../../scripts/pythonEnvironment.ts';
import { Analyser } from '../../server/src/core/analysis/analyse.ts';
import { describeModel } from '../../server/src/core/analysis/describeModel.ts';
import { DiskProgram, uriOfPath } from '../../server/src/cli/files.ts';
import type { GraphResult } from '../../server/src/protocol/graph.ts';
import type { ToPage } from '../../server/src/protocol/graphView.ts';
import { SHAPES } from '../language/long.ts';
import { type PageServer, listening, servePage } from './graphPage.ts';
import { duration, median, table, type Goal } from './measure.ts';

const ROUNDS = 3;
/** Who isn't done by then is told so. */
const PATIENCE_MS = 180_000;
const PAN_MS = 3000;
/** Ours takes at most this part of Netron's time. */
const SHARE = 0.5;

/** Models by what they are called: their text, and the file beside it that it belongs to. */
const MODELS: Readonly<Record<string, () => string>> = {
  'ResNet-152': () =>
    example('resnet50.scv')
      .replace('Bottleneck(128) * 3', 'Bottleneck(128) * 7')
      .replace('Bottleneck(256) * 5', 'Bottleneck(256) * 35')
      .replaceAll('ResNet50', 'ResNet152'),
  'EfficientNetV2-L': () =>
    example('efficientnetv2.scv')
      .replace(/fused = .*/, 'fused = [[1, 1, 32, 4, 0], [4, 2, 64, 7, 4], [4, 2, 96, 7, 11]]')
      .replace(
        /separable = .*/,
        'separable = [[4, 2, 192, 10, 18], [6, 1, 224, 19, 28], [6, 2, 384, 25, 47], [6, 2, 640, 7, 72]]',
      )
      .replace('ConvNormAct(24,', 'ConvNormAct(32,')
      .replaceAll('/ 40', '/ 79'),
  '10,000 layers': () => SHAPES['one chain']!(10_000),
};

interface Opened {
  /** Milliseconds to the first complete picture; absent where it took too long. */
  readonly time: number | undefined;
  /** Frames a second while it is dragged. */
  readonly frames: number | undefined;
}

/** @param wanted names of models in small letters and figures, `resnet152`; all of them where it is empty */
export async function measureOpening(wanted: readonly string[]): Promise<{ report: string; goals: readonly Goal[] }> {
  const python = await pythonEnvironment();
  const packages = await netronPackages(python);
  // Beside the blocks that the texts import.
  const folder = mkdtempSync(join(tmpdir(), 'scv-opening-'));
  const files = copyExamples(folder);
  const browser = await launchChromium(await chromium());
  const rows: string[][] = [];
  const goals: Goal[] = [];
  // The text is read and analysed for each.
  const server = await servePage((file, { kind }) => (kind === 'ready' ? [message(file)] : []));
  try {
    for (const [name, textOf] of Object.entries(MODELS)) {
      const short = name.replaceAll(/\W/g, '').toLowerCase();
      if (wanted.length > 0 && !wanted.includes(short)) continue;
      const scv = join(files, `${short}.scv`);
      writeFileSync(scv, textOf());
      const onnx = await exportOnnx(python, packages, scv);
      const ours: Opened[] = [];
      const theirs: Opened[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        ours.push(await openOurs(browser, server, scv));
        // Once is enough to know that it takes minutes.
        if (round === 0 || theirs[0]!.time !== undefined)
          theirs.push(await openNetron(browser, python, packages, onnx));
      }
      const [mine, other] = [ours, theirs].map((runs) => ({
        time: runs.some(({ time }) => time === undefined) ? undefined : median(runs.map(({ time }) => time!)),
        frames: runs.some(({ frames }) => frames === undefined) ? undefined : median(runs.map(({ frames }) => frames!)),
      })) as [Opened, Opened];
      rows.push([name, told(mine.time), told(other.time), rate(mine.frames), rate(other.frames)]);
      goals.push({
        promise: `the picture of ${name} in at most half of Netron's time`,
        measured: `${told(mine.time)}, Netron's ${told(other.time)}`,
        isKept: mine.time !== undefined && (other.time === undefined || mine.time <= SHARE * other.time),
      });
      goals.push({
        promise: `${name} dragged with at least as many frames as Netron's`,
        measured: `${rate(mine.frames)} a second, Netron's ${rate(other.frames)}`,
        isKept: mine.frames !== undefined && (other.frames === undefined || mine.frames >= 0.95 * other.frames),
      });
    }
  } finally {
    server.close();
    await browser.close();
    rmSync(folder, { recursive: true });
  }
  return {
    report: table(['model', 'SCV', 'Netron', 'frames/s SCV', 'frames/s Netron'], rows),
    goals,
  };
}

function example(name: string): string {
  return readFileSync(join(projectFolder, 'examples', name), 'utf8');
}

function copyExamples(folder: string): string {
  spawnSync('cp', ['-r', join(projectFolder, 'examples'), folder]);
  return join(folder, 'examples');
}

function told(time: number | undefined): string {
  return time === undefined ? `more than ${duration(PATIENCE_MS)}` : duration(time);
}

function rate(frames: number | undefined): string {
  return frames === undefined ? '–' : frames.toFixed(0);
}

// ---------------------------------------------------------------------------------------------- ours

function message(file: string): ToPage {
  const uri = uriOfPath(file);
  const program = new DiskProgram();
  program.open(file);
  const facts = new Analyser().analyse(program, uri);
  const model = facts.models.at(-1)!;
  const answer: GraphResult = {
    version: 1,
    models: [model.definition.name.text],
    model: model.definition.name.text,
    graph: describeModel(facts, model),
    definitions: [],
    versions: {},
    problems: [],
  };
  return { kind: 'graph', number: 1, uri, answer, settings: { edgeShapes: false } };
}

async function openOurs(browser: Browser, server: PageServer, file: string): Promise<Opened> {
  return opened(browser, server.address(file), async (page) => {
    // What is in sight is drawn.
    await page.locator('.react-flow__node').nth(3).waitFor({ state: 'attached', timeout: PATIENCE_MS });
  });
}

// ---------------------------------------------------------------------------------------------- Netron

async function openNetron(browser: Browser, python: string, packages: string, file: string): Promise<Opened> {
  const script =
    'import sys, netron; netron.serve(sys.argv[1], None, address=("127.0.0.1", int(sys.argv[2]))); netron.wait()';
  const port = await freePort();
  const process = spawn(python, ['-c', script, file, String(port)], { env: { PYTHONPATH: packages }, stdio: 'ignore' });
  try {
    await until(`http://127.0.0.1:${port}/`);
    return await opened(browser, `http://127.0.0.1:${port}/`, async (page) => {
      // It draws all before it shows any.
      await page.locator('body.default .node').nth(3).waitFor({ state: 'attached', timeout: PATIENCE_MS });
    });
  } finally {
    process.kill();
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await listening(server);
  const { port } = server.address() as AddressInfo;
  await new Promise((closed) => server.close(closed));
  return port;
}

async function until(address: string): Promise<void> {
  for (let tries = 0; tries < 300; tries++) {
    try {
      await fetch(address);
      return;
    } catch {
      await new Promise((go) => setTimeout(go, 100));
    }
  }
  throw new Error(`Nothing answers at ${address}.`);
}

/** What PyTorch exports of the module that we generate. */
async function exportOnnx(python: string, packages: string, scv: string): Promise<string> {
  const command = join(projectFolder, 'dist/scv.mjs');
  const [module, onnx] = [scv.replace(/\.scv$/, '.py'), scv.replace(/\.scv$/, '.onnx')];
  const generated = spawnSync(process.execPath, [command, 'generate', scv, '-o', module], { encoding: 'utf8' });
  if (generated.status !== 0) throw new Error(generated.stderr);
  const graph = message(scv);
  if (graph.kind !== 'graph') throw new Error('There is no graph.');
  const { name, modules } = graph.answer.graph!;
  const shape = modules[0]!.shapes[modules[0]!.inputs[0]!.tensor]!.split(' × ');
  const made = spawnSync(
    python,
    ['-W', 'ignore', join(import.meta.dirname, 'exportOnnx.py'), module, name, onnx, ...shape],
    {
      encoding: 'utf8',
      env: { PYTHONPATH: packages },
    },
  );
  if (made.status !== 0) throw new Error(made.stderr);
  return Promise.resolve(onnx);
}

// ---------------------------------------------------------------------------------------------- both

async function opened(browser: Browser, address: string, isDone: (page: Page) => Promise<void>): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
  try {
    // Netron's question about cookies isn't its time.
    await page.context().addCookies([{ name: 'consent', value: '1', url: address }]);
    await page.addInitScript({ content: COUNTS_FRAMES });
    const start = performance.now();
    await page.goto(address, { waitUntil: 'commit', timeout: PATIENCE_MS });
    try {
      await isDone(page);
    } catch {
      return { time: undefined, frames: undefined };
    }
    // Until it is on the screen.
    const drawn = await framesOf(page);
    while ((await framesOf(page)) < drawn + 2);
    const time = performance.now() - start;
    return { time, frames: await framesWhileDragged(page) };
  } finally {
    await page.close();
  }
}

/** Netron lets nobody evaluate anything in its page: the frames are counted where they can be read. */
const COUNTS_FRAMES = `(() => {
  let frames = 0;
  const count = () => {
    document.documentElement?.setAttribute('data-frames', String(++frames));
    requestAnimationFrame(count);
  };
  requestAnimationFrame(count);
})();`;

async function framesOf(page: Page): Promise<number> {
  return Number(await page.locator('html').getAttribute('data-frames'));
}

/** Frames a second while the picture is dragged up and down. */
async function framesWhileDragged(page: Page): Promise<number> {
  // At the edge, where no box is.
  const [x, y] = [40, 700];
  await page.mouse.move(x, y);
  await page.mouse.down();
  const before = await framesOf(page);
  const start = performance.now();
  for (let step = 0; performance.now() - start < PAN_MS; step++) {
    const phase = step % 60;
    await page.mouse.move(x + (step % 2), y - 10 * (phase < 30 ? phase : 60 - phase));
  }
  const seconds = (performance.now() - start) / 1000;
  const count = (await framesOf(page)) - before;
  await page.mouse.up();
  return count / seconds;
}
