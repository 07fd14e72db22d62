import { DefaultIndexManager, DefaultLinker } from 'langium';

/**
 * What a name refers to is looked up when somebody asks: a reference knows how. The analysis never does, and to resolve
 * all of them at each key would take as long as all else together.
 */
export class ScvLinker extends DefaultLinker {
  override link(): Promise<void> {
    return Promise.resolve();
  }
}

/** Keeps no list of who refers to what: lsp/references.ts looks where it may stand. */
export class ScvIndexManager extends DefaultIndexManager {
  override updateReferences(): Promise<void> {
    return Promise.resolve();
  }
}
