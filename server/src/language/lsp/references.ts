import type { AstNode, FindReferencesOptions, ReferenceDescription, Stream } from 'langium';
import { DefaultReferences } from 'langium';

/** A symbol's first use is its declaration and a reference to itself: it counts once. */
export class ScvReferences extends DefaultReferences {
  override findReferences(target: AstNode, options: FindReferencesOptions): Stream<ReferenceDescription> {
    return super
      .findReferences(target, options)
      .distinct(({ sourceUri, segment }) => `${sourceUri.toString()}#${String(segment.offset)}`);
  }
}
