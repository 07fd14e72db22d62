/**
 * The per-user cache: big things that development needs and the product doesn't (a VS Code, a PyTorch), made once and
 * shared by all checkouts.
 */
import { existsSync, mkdirSync, mkdtempSync, readdirSync, realpathSync, rmSync, statSync, symlinkSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, dirname, join } from 'node:path';

const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

export function cacheFolder(): string {
  const base = process.env.XDG_CACHE_HOME;
  return join(base !== undefined && base !== '' ? base : join(homedir(), '.cache'), 'scv');
}

/**
 * Gives the folder of this name, filled by `fill` the first time. It is filled under a name of its own and stays
 * there (a Python environment can't be moved); a link to it, which is made in one step, makes it known. So a
 * half-filled folder is never used, and of two processes that fill at once the slower one throws its work away.
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const link = join(cacheFolder(), name);
  if (existsSync(link)) return realpathSync(link);
  mkdirSync(cacheFolder(), { recursive: true });
  removeAbandoned(link);
  const folder = mkdtempSync(`${link}-`);
  try {
    await fill(folder);
    publish(folder, link);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  if (realpathSync(link) !== realpathSync(folder)) rmSync(folder, { recursive: true, force: true });
  return realpathSync(link);
}

function publish(folder: string, link: string): void {
  if (!existsSync(link)) rmSync(link, { force: true }); // a link to a folder that somebody has deleted
  try {
    symlinkSync(folder, link, 'junction');
  } catch (error) {
    if (!existsSync(link)) throw error;
  }
}

/** Removes what processes that were killed while filling have left. */
function removeAbandoned(link: string): void {
  for (const entry of readdirSync(dirname(link))) {
    if (!entry.startsWith(`${basename(link)}-`)) continue;
    const folder = join(dirname(link), entry);
    if (Date.now() - statSync(folder).mtimeMs > ABANDONED_AFTER_MS) rmSync(folder, { recursive: true, force: true });
  }
}
