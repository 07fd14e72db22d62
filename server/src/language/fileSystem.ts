import type { FileSystemProvider, URI } from 'langium';
import { NodeFileSystem } from 'langium/node';
import { open, stat } from 'node:fs/promises';
import { MAX_BYTES } from './text/size.ts';
import { refuseOtherThanFiles } from './unreadable.ts';

/** Node's, which reads only regular files, and of those that are too large only so much that the parser sees it. */
export const boundedFileSystem = {
  fileSystemProvider: (): FileSystemProvider => {
    const provider = NodeFileSystem.fileSystemProvider();
    const readWhole = provider.readFile.bind(provider);
    return Object.assign(provider, {
      readFile: async (uri: URI): Promise<string> => {
        const stats = await stat(uri.fsPath);
        refuseOtherThanFiles(stats);
        if (stats.size <= MAX_BYTES) return readWhole(uri);
        const file = await open(uri.fsPath);
        try {
          const { buffer, bytesRead } = await file.read({ buffer: Buffer.alloc(MAX_BYTES + 3) });
          return buffer.toString('utf8', 0, bytesRead);
        } finally {
          await file.close();
        }
      },
    });
  },
};
