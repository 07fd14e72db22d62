import type { ClientCapabilities, TextEdit } from 'vscode-languageserver';
import {
  AstUtils,
  EmptyFileSystemProvider,
  TextDocument,
  URI,
  isReference,
  type FileSystemNode,
  type LangiumDocument,
} from 'langium';
import { createScvServices, type ScvLanguage } from '../../server/src/language/module.ts';

/** A text with `<|>` at cursors and `<|…|>` around ranges. */
export interface Marked {
  readonly text: string;
  readonly cursors: readonly number[];
  readonly ranges: readonly (readonly [number, number])[];
}

export function marked(source: string): Marked {
  let text = '';
  const cursors: number[] = [];
  const ranges: [number, number][] = [];
  const open: number[] = [];
  for (let index = 0; index < source.length;) {
    if (source.startsWith('<|>', index)) {
      cursors.push(text.length);
      index += 3;
    } else if (source.startsWith('<|', index)) {
      open.push(text.length);
      index += 2;
    } else if (source.startsWith('|>', index)) {
      ranges.push([open.pop() ?? 0, text.length]);
      index += 2;
    } else {
      text += source[index]!;
      index++;
    }
  }
  return { text, cursors, ranges: ranges.sort((a, b) => a[0] - b[0]) };
}

/** Each name in a document that may refer to something, and whether it does. */
export function referencesIn(document: LangiumDocument): (readonly [name: string, isFound: boolean])[] {
  return AstUtils.streamAst(document.parseResult.value)
    .flatMap((node) => AstUtils.streamReferences(node))
    .map(({ reference }) => [reference.$refText, isReference(reference) && reference.ref !== undefined] as const)
    .toArray();
}

/** Files that are only texts. */
class MemoryFiles extends EmptyFileSystemProvider {
  readonly texts = new Map<string, string>();

  override readFile(uri?: URI): Promise<string> {
    const text = this.texts.get(uri?.toString() ?? '');
    return text === undefined ? Promise.reject(new Error(`no ${String(uri)}`)) : Promise.resolve(text);
  }

  override stat(uri: URI): Promise<FileSystemNode> {
    if (!this.texts.has(uri.toString())) return Promise.reject(new Error(`no ${uri.toString()}`));
    return Promise.resolve({ isFile: true, isDirectory: false, uri });
  }
}

/** A few files in memory, the first of them in focus. */
export interface Workspace {
  /** Writes a file, or deletes it, and lets the server see it. */
  write(name: string, text: string | undefined): Promise<void>;
  readonly language: ScvLanguage;
  readonly document: LangiumDocument;
  readonly marks: Marked;
  position(index?: number): { line: number; character: number };
  /** `file:line:column "text"`, from 1. */
  spell(
    uri: string,
    range: { start: { line: number; character: number }; end: { line: number; character: number } },
  ): string;
  open(name: string): LangiumDocument;
}

/** What the editor at hand can do, and the folders that are open in it. */
export interface Editor {
  readonly capabilities?: ClientCapabilities;
  readonly folders?: readonly string[];
}

export async function workspace(
  files: Readonly<Record<string, string>>,
  { capabilities = {}, folders }: Editor = {},
): Promise<Workspace> {
  const disk = new MemoryFiles();
  const language = createScvServices({ fileSystemProvider: () => disk });
  const { LangiumDocuments, DocumentBuilder, WorkspaceManager, ConfigurationProvider } = language.shared.workspace;
  const workspaceFolders = folders?.map((name) => ({ name, uri: `file:///${name}` })) ?? null;
  const initialization = { processId: null, rootUri: null, capabilities, workspaceFolders };
  await language.shared.lsp.LanguageServer.initialize(initialization);
  await ConfigurationProvider.initialized({});
  await WorkspaceManager.initializeWorkspace([]);
  const [focus] = Object.keys(files);
  const parsed = Object.entries(files).map(([name, source]) => ({ name, marks: marked(source) }));
  for (const { name, marks } of parsed) disk.texts.set(`file:///${name}`, marks.text);
  const documents = parsed.map(({ name, marks }) =>
    LangiumDocuments.createDocument(URI.parse(`file:///${name}`), marks.text),
  );
  await DocumentBuilder.build(documents, { validation: true });
  const open = (name: string): LangiumDocument => {
    const document = language.shared.workspace.LangiumDocuments.getDocument(URI.parse(`file:///${name}`));
    if (document === undefined) throw new Error(`no ${name}`);
    return document;
  };
  const document = open(focus!);
  const { marks } = parsed[0]!;
  return {
    write: async (name, text) => {
      const uri = URI.parse(`file:///${name}`);
      if (text === undefined) disk.texts.delete(uri.toString());
      else disk.texts.set(uri.toString(), text);
      await DocumentBuilder.update(text === undefined ? [] : [uri], text === undefined ? [uri] : []);
    },
    language,
    document,
    marks,
    open,
    position: (index = 0) => document.textDocument.positionAt(marks.cursors[index]!),
    spell: (uri, { start, end }) => {
      const target = open(uri.replace('file:///', ''));
      return `${uri.replace('file:///', '')}:${String(start.line + 1)}:${String(start.character + 1)} ${target.textDocument.getText({ start, end }).split('\n')[0]!}`;
    },
  };
}

/** A document's text after edits. */
export function applied({ textDocument }: LangiumDocument, edits: TextEdit[]): string {
  return TextDocument.applyEdits(textDocument, edits);
}

/** A workspace whose files come and go. */
export interface LiveWorkspace {
  readonly language: ScvLanguage;
  /** Writes files, and lets the server see them. */
  put(texts: ReadonlyMap<string, string>): Promise<void>;
  remove(uris: Iterable<string>): Promise<void>;
  document(uri: string): LangiumDocument;
}

export async function emptyWorkspace(): Promise<LiveWorkspace> {
  const disk = new MemoryFiles();
  const language = createScvServices({ fileSystemProvider: () => disk });
  const { LangiumDocuments, DocumentBuilder, WorkspaceManager, ConfigurationProvider } = language.shared.workspace;
  await ConfigurationProvider.initialized({});
  await WorkspaceManager.initializeWorkspace([]);
  DocumentBuilder.updateBuildOptions = { validation: true };
  return {
    language,
    put: async (texts) => {
      for (const [uri, text] of texts) disk.texts.set(uri, text);
      for (const uri of texts.keys()) await LangiumDocuments.getOrCreateDocument(URI.parse(uri));
      await DocumentBuilder.update(
        [...texts.keys()].map((uri) => URI.parse(uri)),
        [],
      );
    },
    remove: async (uris) => {
      const gone = [...uris].map((uri) => URI.parse(uri));
      for (const uri of gone) disk.texts.delete(uri.toString());
      await DocumentBuilder.update([], gone);
    },
    document: (uri) => {
      const document = LangiumDocuments.getDocument(URI.parse(uri));
      if (document === undefined) throw new Error(`no ${uri}`);
      return document;
    },
  };
}
