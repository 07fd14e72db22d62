/** The Python that tests and the bench compare with: PyTorch, torchvision, ruff and other tools, in the per-user cache. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { cached } from './cache.ts';
import { main, run, UserError } from './processes.ts';

/** Exactly this PyTorch: the same numbers for everybody. */
export const TORCH = 'torch==2.13.0';
/** Without its dependencies: it asks for another build of PyTorch. */
export const TORCHVISION = 'torchvision==0.28.0';
const OTHERS = ['numpy==2.4.6', 'pillow==13.0.0', 'ruff==0.17.6'];

const PIP = ['-m', 'pip', 'install', '--quiet', '--disable-pip-version-check'];

/** Other tools that count layers, parameters and multiply-adds, and what they need beside {@link OTHERS}. */
export const PEERS = ['torchinfo==1.8.0', 'fvcore==0.1.5.post20221221', 'ptflops==0.7.5'];
const PEERS_NEED = [
  'iopath==0.1.10',
  'portalocker==4.4.2',
  'pyyaml==6.0.3',
  'tabulate==0.10.0',
  'termcolor==3.3.0',
  'tqdm==4.70.1',
  'yacs==0.1.8',
];

/** The Python interpreter; `SCV_PYTHON` names another one, which then has to have all of it. */
export async function pythonEnvironment(): Promise<string> {
  const chosen = process.env.SCV_PYTHON;
  if (chosen !== undefined && chosen !== '') {
    if (existsSync(chosen)) return chosen;
    throw new UserError(`SCV_PYTHON names ${chosen}, which doesn't exist.`);
  }
  return interpreterIn(await cached('python-torch-2.13.0-1', install));
}

/** A folder of packages for `PYTHONPATH`, on top of {@link pythonEnvironment}: the tools that the bench compares with. */
export async function peerPackages(python: string): Promise<string> {
  return cached('python-peers-1', async (folder) => {
    console.log(`Installing ${PEERS.join(', ')} (once; 20 MB) in ${folder}`);
    const options = [...PIP, '--no-deps', '--target', folder];
    await run(python, [...options, ...PEERS, ...PEERS_NEED], { quiet: true });
  });
}

/** What opens models in a browser beside our graph, and what PyTorch exports them with. */
const NETRON = ['netron==9.3.3', 'onnx==1.23.2', 'ml_dtypes==0.6.0', 'protobuf==7.36.2', 'typing_extensions==4.16.0'];

/** The same for the bench of the graph. */
export async function netronPackages(python: string): Promise<string> {
  return cached('python-netron-1', async (folder) => {
    console.log(`Installing Netron and onnx (once; 60 MB) in ${folder}`);
    await run(python, [...PIP, '--no-deps', '--target', folder, ...NETRON], { quiet: true });
  });
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
  await run(interpreterIn(folder), [...PIP, TORCH, ...OTHERS], { quiet: true });
  await run(interpreterIn(folder), [...PIP, '--no-deps', TORCHVISION], { quiet: true });
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
