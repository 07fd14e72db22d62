import type { LangiumDocument, LangiumDocuments, LangiumSharedCoreServices } from 'langium';
import { DocumentState, URI, UriUtils } from 'langium';
import { Analyser, type FileFacts } from '../core/analysis/analyse.ts';
import type { Site, SourceFile } from '../core/definition.ts';
import type { Program } from '../core/program.ts';
import { rangeOfSite } from '../core/place.ts';
import { uriOf } from '../core/program.ts';
import type { ScvDocumentBuilder } from './build.ts';
import { importersOf, pathTo, readDocument, resolveImport } from './documents.ts';
import { toSourceFile, type ReadFile } from './reading/sourceFile.ts';
import type { FileParser } from './text/parser.ts';
import { WHY_TOO_LARGE, isTooLarge } from './text/size.ts';

/** What some files would say and mean. */
export interface Trial {
  /** Of a file with another text. */
  read(uri: string): ReadFile | undefined;
  factsOf(uri: string): FileFacts;
}

/** Where the core plugs in: what it finds in each document, once for each version of the program. */
export class Analysis {
  private readonly documents: LangiumDocuments;
  private readonly parser: () => FileParser;
  private readonly builder: () => Pick<ScvDocumentBuilder, 'whyUnreadable'>;
  private readonly analysers = new Map<string, Analyser>();
  private readonly facts = new Map<string, FileFacts>();
  private readonly importers = new Map<string, readonly LangiumDocument[]>();
  private readonly program: Program;

  constructor(services: LangiumSharedCoreServices, parser: () => FileParser) {
    this.parser = parser;
    this.documents = services.workspace.LangiumDocuments;
    this.builder = () => services.workspace.DocumentBuilder as unknown as Pick<ScvDocumentBuilder, 'whyUnreadable'>;
    this.program = {
      file: (uri) => this.file(uri),
      resolve: (uri, path) => resolveImport(URI.parse(uri), path).toString(),
      whyUnreadable: (uri) => this.whyUnreadable(uri),
      exporters: (uri, name) => this.exporters(uri, name),
      isImported: (uri, name) => this.isImported(uri, name),
      pathsFrom: (uri) => this.pathsFrom(URI.parse(uri)),
    };
    // Files that come in without a change: when a folder is opened.
    services.workspace.DocumentBuilder.onBuildPhase(DocumentState.Parsed, () => {
      this.importers.clear();
    });
    services.workspace.DocumentBuilder.onUpdate((_changed, deleted) => {
      this.facts.clear();
      this.importers.clear();
      for (const uri of deleted) this.analysers.delete(uri.toString());
    });
  }

  /** Undefined where the analysis failed, which is a bug of ours that must not cost the user the rest. */
  factsOf(document: LangiumDocument): FileFacts | undefined {
    const uri = document.uri.toString();
    let facts = this.facts.get(uri);
    if (facts !== undefined) return facts;
    try {
      facts = this.analyserOf(uri).analyse(this.program, uri);
    } catch (error) {
      console.error(`The analysis of ${uri} failed:`, error);
      this.analysers.delete(uri);
      return undefined;
    }
    this.facts.set(uri, facts);
    return facts;
  }

  /**
   * The facts that know a definition of this document in use: the document's own, else those of a file that imports it,
   * so that a file of blocks isn't mute.
   */
  factsOfUse(document: LangiumDocument, definition: string): FileFacts | undefined {
    const own = this.factsOf(document);
    if (!own?.unused.has(definition)) return own;
    for (const other of this.importersOf(document)) {
      const facts = this.factsOf(other);
      if (facts?.instances.has(definition) === true) return facts;
    }
    return own;
  }

  /** The other files that import this one, however indirectly: who else is looked at isn't for each key. */
  importersOf(document: LangiumDocument): readonly LangiumDocument[] {
    const uri = document.uri.toString();
    let found = this.importers.get(uri);
    if (found === undefined) {
      const uris = importersOf(this.documents.all, [uri]);
      found = this.documents.all.filter((other) => other !== document && uris.has(other.uri.toString())).toArray();
      this.importers.set(uri, found);
    }
    return found;
  }

  /**
   * What would be found if files had other texts, by URI; only what is different then is looked at.
   *
   * @param analyser for many texts that will hardly come: each file's own keeps what it finds for when that text comes
   */
  trial(texts: ReadonlyMap<string, string>, analyser?: Analyser): Trial {
    const parser = this.parser();
    const read = [...texts].map(([uri, text]) => [uri, toSourceFile(uri, parser.parse(text))] as const);
    return this.trialOf(new Map(read), analyser);
  }

  /** The same, of texts that are read already. */
  trialOf(read: ReadonlyMap<string, ReadFile>, analyser?: Analyser): Trial {
    const program: Program = { ...this.program, file: (uri) => read.get(uri)?.file ?? this.program.file(uri) };
    const found = new Map<string, FileFacts>();
    const factsOf = (uri: string): FileFacts => {
      const facts = found.get(uri) ?? (analyser ?? this.analyserOf(uri)).analyse(program, uri);
      found.set(uri, facts);
      return facts;
    };
    return { read: (uri) => read.get(uri), factsOf };
  }

  /** The document and absolute offsets of a place. */
  placeOf(
    site: Site,
  ): { readonly document: LangiumDocument; readonly start: number; readonly end: number } | undefined {
    const document = this.documents.getDocument(URI.parse(uriOf(site.definition)));
    const read = document && readDocument(document);
    const range = read && rangeOfSite(site, read.file, read.placement);
    return document && range && { document, start: range.start, end: range.end };
  }

  private analyserOf(uri: string): Analyser {
    let analyser = this.analysers.get(uri);
    if (analyser === undefined) this.analysers.set(uri, (analyser = new Analyser()));
    return analyser;
  }

  private exporters(uri: string, name: string): readonly string[] {
    return this.documents.all
      .map((document) => document.uri.toString())
      .filter(
        (other) => other !== uri && this.file(other)?.definitions.some((each) => each.name.text === name) === true,
      )
      .toArray();
  }

  private isImported(uri: string, name: string): boolean {
    return this.documents.all.some((document) =>
      this.file(document.uri.toString())?.imports.some(
        ({ path, names }) =>
          names.some(({ target }) => target.text === name) &&
          resolveImport(document.uri, path.value).toString() === uri,
      ),
    );
  }

  private pathsFrom(importer: URI): readonly string[] {
    const others = this.documents.all.filter(({ uri }) => !UriUtils.equals(uri, importer)).toArray();
    return others.flatMap(({ uri }) => pathTo(importer, uri) ?? []);
  }

  private file(uri: string): SourceFile | undefined {
    const document = this.documents.getDocument(URI.parse(uri));
    const read = document && readDocument(document);
    return read === undefined || isTooLarge(read) ? undefined : read.file;
  }

  private whyUnreadable(uri: string): string | undefined {
    const document = this.documents.getDocument(URI.parse(uri));
    const read = document && readDocument(document);
    return read !== undefined && isTooLarge(read) ? WHY_TOO_LARGE : this.builder().whyUnreadable(uri);
  }
}
