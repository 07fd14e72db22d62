/** The Python that tests compare with: PyTorch, torchvision and ruff, in the per-user cache. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { main, run, UserError } from './processes.ts';

/** Exactly this PyTorch: the same numbers for everybody. */
const TORCH = 'torch==2.13.0';
/** Without its dependencies: it asks for another build of PyTorch. */
const TORCHVISION = 'torchvision==0.28.0';
const OTHERS = ['numpy==2.4.6', 'pillow==13.0.0', 'ruff==0.17.6'];

/** The Python interpreter; `SCV_PYTHON` names another one, which then has to have all of it. */
export async function pythonEnvironment(): Promise<string> {
  const chosen = process.env.SCV_PYTHON;
  if (chosen !== undefined && chosen !== '') {
    if (existsSync(chosen)) return chosen;
    throw new UserError(`SCV_PYTHON names ${chosen}, which doesn't exist.`);
  }
  return interpreterIn(await cached('python-torch-2.13.0-1', install));
}

async function install(folder: string): Promise<void> {
  console.log(`Setting up Python with PyTorch (once; about 4 minutes, 1 GB) in ${folder}`);
  const system = process.platform === 'win32' ? 'python' : 'python3';
  try {
    await run(system, ['-m', 'venv', folder], { quiet: true });
  } catch (error) {
    throw new UserError(
      `can't make a Python environment: it needs Python 3.11 or newer with venv and pip ` +
        `(Debian: sudo apt-get install python3 python3-venv). SCV_PYTHON can name an interpreter that has ` +
        `${[TORCH, TORCHVISION, ...OTHERS].join(' ')}.\n${String(error)}`,
    );
  }
  const pip = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];
  await run(interpreterIn(folder), [...pip, TORCH, ...OTHERS], { quiet: true });
  await run(interpreterIn(folder), [...pip, '--no-deps', TORCHVISION], { quiet: true });
}

function interpreterIn(folder: string): string {
  return process.platform === 'win32' ? join(folder, 'Scripts/python.exe') : join(folder, 'bin/python');
}

if (import.meta.main) {
  await main(async () => {
    console.log(await pythonEnvironment());
    return 0;
  });
}
