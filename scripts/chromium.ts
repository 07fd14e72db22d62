/** The browser for tests and screenshots. */
import { existsSync } from 'node:fs';
import { chromium as playwright, type Browser } from 'playwright-core';
import { findProgram, run, UserError } from './processes.ts';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const MAC = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome';

/** Starts Chromium without a window; it can reach nothing but this machine. */
export async function launchChromium(executablePath: string): Promise<Browser> {
  return playwright.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--disable-dev-shm-usage',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1',
    ],
  });
}

/** The executable; installed where that is possible. */
export async function chromium(): Promise<string> {
  const chosen = process.env.CHROMIUM;
  if (chosen !== undefined && chosen !== '') {
    if (existsSync(chosen)) return chosen;
    throw new UserError(`CHROMIUM names ${chosen}, which doesn't exist.`);
  }
  return find() ?? (await install());
}

function find(): string | undefined {
  return NAMES.map(findProgram).find((file) => file !== undefined) ?? (existsSync(MAC) ? MAC : undefined);
}

async function install(): Promise<string> {
  if (findProgram('apt-get') !== undefined && process.getuid?.() === 0) {
    console.log('Installing Chromium with apt-get (once; about a minute)');
    await run('apt-get', ['update'], { quiet: true });
    await run('apt-get', ['install', '-y', '--no-install-recommends', 'chromium'], { quiet: true });
  }
  const found = find();
  if (found !== undefined) return found;
  throw new UserError(
    'tests in the browser need Chromium, and there is none. Install it (Debian: sudo apt-get install chromium), ' +
      'or set CHROMIUM to the executable of a Chromium or Chrome.',
  );
}
