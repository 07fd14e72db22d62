import type { BuildOptions, LangiumDocument, LangiumSharedCoreServices, URI } from 'langium';
import { DefaultDocumentBuilder, DocumentState } from 'langium';
import type { CancellationToken } from 'vscode-languageserver';
import { importersOf, importsOf, isCurrent, type ScvDocumentFactory } from './documents.ts';
import { Unreadable } from './unreadable.ts';

/** Milliseconds for which an answer waits for the text to be read. */
const LONGEST_WAIT = 2000;

/**
 * Knows how files hang together: loads what is imported from outside of the workspace, and looks at the importing files
 * again when an imported one changes.
 */
export class ScvDocumentBuilder extends DefaultDocumentBuilder {
  private readonly factory: ScvDocumentFactory;
  /** Files outside of the workspace that were read because something imports them. */
  private readonly outside = new Set<string>();
  private readonly unreadable = new Map<string, string>();
  private affected: { readonly changed: Set<string>; readonly uris: ReadonlySet<string> } | undefined;

  constructor(services: LangiumSharedCoreServices, factory: ScvDocumentFactory) {
    super(services);
    this.factory = factory;
    this.onUpdate((_changed, deleted) => {
      for (const uri of deleted) {
        this.factory.forget(uri);
        this.outside.delete(uri.toString());
      }
    });
  }

  protected override async buildDocuments(
    documents: LangiumDocument[],
    options: BuildOptions,
    token: CancellationToken,
  ): Promise<void> {
    const all = [...documents];
    for (const document of all) {
      if (document.state < DocumentState.Parsed) await this.factory.update(document, token);
      for (const imported of await this.load(importsOf(document))) all.push(imported);
    }
    await super.buildDocuments(all, options, token);
  }

  /** What is asked about a text that was just changed is answered on the new one, which may not be read yet. */
  protected override async awaitDocumentState(state: DocumentState, uri: URI, token: CancellationToken): Promise<URI> {
    const end = Date.now() + LONGEST_WAIT;
    for (;;) {
      const document = this.langiumDocuments.getDocument(uri);
      const isOpen = this.textDocuments?.get(uri) !== undefined;
      if (document === undefined || !isOpen || isCurrent(document) || Date.now() > end) break;
      if (token.isCancellationRequested) break;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return super.awaitDocumentState(state, uri, token);
  }

  whyUnreadable(uri: string): string | undefined {
    return this.unreadable.get(uri);
  }

  /** Reads those that are files and not known yet. */
  private async load(uris: readonly URI[]): Promise<LangiumDocument[]> {
    const loaded: LangiumDocument[] = [];
    for (const uri of uris) {
      if (this.langiumDocuments.hasDocument(uri)) continue;
      try {
        const document = await this.langiumDocuments.getOrCreateDocument(uri);
        this.outside.add(uri.toString());
        loaded.push(document);
        this.unreadable.delete(uri.toString());
      } catch (error) {
        // The core says at the import that there is no such file, or why it isn't read.
        if (error instanceof Unreadable) this.unreadable.set(uri.toString(), error.message);
        else this.unreadable.delete(uri.toString());
      }
    }
    return loaded;
  }

  protected override shouldValidate(document: LangiumDocument): boolean {
    const uri = document.uri.toString();
    const isForeign = this.outside.has(uri) && this.textDocuments?.get(uri) === undefined;
    return !isForeign && super.shouldValidate(document);
  }

  /** A file that imports a changed one, however indirectly. (Names without a target are layers, not mistakes.) */
  protected override shouldRelink(document: LangiumDocument, changed: Set<string>): boolean {
    if (this.affected?.changed !== changed)
      this.affected = { changed, uris: importersOf(this.langiumDocuments.all, changed) };
    return this.affected.uris.has(document.uri.toString());
  }
}
