import { createDefaultCoreModule, createDefaultSharedCoreModule, EmptyFileSystem, inject } from 'langium';
import { ScvGeneratedModule, ScvGeneratedSharedModule } from './generated/module.ts';
import { type ReadFile, toSourceFile } from './reading/sourceFile.ts';
import { FileParser } from './text/parser.ts';
import { ScvTokenBuilder } from './text/tokens.ts';

/** Reads texts outside of an editor: no documents, no language server. */
export function createTextReader(): (uri: string, text: string) => ReadFile {
  const shared = inject(createDefaultSharedCoreModule(EmptyFileSystem), ScvGeneratedSharedModule);
  const services = inject(createDefaultCoreModule({ shared }), ScvGeneratedModule, {
    parser: { TokenBuilder: () => new ScvTokenBuilder() },
  });
  shared.ServiceRegistry.register(services);
  const parser = new FileParser(services);
  return (uri, text) => toSourceFile(uri, parser.parse(text));
}

export type { ReadFile };
