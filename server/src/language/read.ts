import { EmptyFileSystem, createDefaultCoreModule, createDefaultSharedCoreModule, inject } from 'langium';
import { ScvGeneratedModule, ScvGeneratedSharedModule } from './generated/module.ts';
import { toSourceFile, type ReadFile } from './reading/sourceFile.ts';
import { FileParser } from './text/parser.ts';
import { TOO_LARGE } from './text/size.ts';
import { ScvTokenBuilder, valueConverter } from './text/tokens.ts';

let parser: FileParser | undefined;

/** What a text says, without a language server around: for the command line, and for tests of what comes after. */
export function readSource(uri: string, text: string): ReadFile {
  parser ??= createFileParser();
  return toSourceFile(uri, parser.parse(text));
}

/** A file that wasn't read, because it is too large. */
export function tooLargeSource(uri: string): ReadFile {
  return {
    file: { uri, imports: [], definitions: [] },
    placement: { imports: [], definitions: [] },
    problems: [TOO_LARGE],
  };
}

export function createFileParser(): FileParser {
  const shared = inject(createDefaultSharedCoreModule(EmptyFileSystem), ScvGeneratedSharedModule);
  const services = inject(createDefaultCoreModule({ shared }), ScvGeneratedModule, {
    parser: { TokenBuilder: () => new ScvTokenBuilder(), ValueConverter: () => valueConverter },
  });
  shared.ServiceRegistry.register(services);
  return new FileParser(services);
}
