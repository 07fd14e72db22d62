import type { AstNode, LangiumDocument, ReferenceDescription, Stream } from 'langium';
import {
  AstUtils,
  DefaultIndexManager,
  DefaultLinker,
  DefaultReferenceDescriptionProvider,
  isReference,
} from 'langium';
import type { ScvServices } from './module.ts';

/**
 * What a name refers to is looked up when somebody asks: a reference knows how. The analysis never does, and to resolve
 * all of them at each key would take as long as all else together.
 */
export class ScvLinker extends DefaultLinker {
  override link(): Promise<void> {
    return Promise.resolve();
  }
}

/** Knows who refers to what; finds it out for a document when it is first asked after a change. */
export class ScvIndexManager extends DefaultIndexManager {
  override updateReferences(): Promise<void> {
    return Promise.resolve();
  }

  override findAllReferences(target: AstNode, path: string): Stream<ReferenceDescription> {
    for (const document of this.documents.all) {
      const uri = document.uri.toString();
      if (this.referenceIndex.has(uri)) continue;
      const { workspace } = this.serviceRegistry.getServices(document.uri) as ScvServices;
      this.referenceIndex.set(uri, workspace.ReferenceDescriptionProvider.describeAll(document));
    }
    return super.findAllReferences(target, path);
  }
}

export class ScvReferenceDescriptionProvider extends DefaultReferenceDescriptionProvider {
  /** Every reference of a document that has a target. */
  describeAll(document: LangiumDocument): ReferenceDescription[] {
    const found: ReferenceDescription[] = [];
    for (const node of AstUtils.streamAst(document.parseResult.value)) {
      for (const info of AstUtils.streamReferences(node)) {
        const isFound = isReference(info.reference) && info.reference.ref !== undefined;
        if (isFound) found.push(...this.createInfoDescriptions(info));
      }
    }
    return found;
  }
}
