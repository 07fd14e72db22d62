import assert from 'node:assert/strict';
import { URI } from 'langium';
import { createScvServices } from '../../server/src/language/module.ts';
import { chainOfBindings } from './long.ts';
import { referencesIn } from './services.ts';

describe('scope', () => {
  it('is computed once a document and version, however many names are looked up', async () => {
    const { shared, scv } = createScvServices();
    const { LangiumDocuments, DocumentBuilder } = shared.workspace;
    const document = LangiumDocuments.createDocument(URI.parse('file:///long.scv'), chainOfBindings(300));
    await DocumentBuilder.build([document], {});
    assert.equal(scv.references.ScopeProvider.computations, 0, 'nobody has asked yet');
    const references = referencesIn(document);
    assert.ok(references.length > 900);
    assert.equal(references.filter(([, isFound]) => isFound).length, 302);
    assert.equal(scv.references.ScopeProvider.computations, 1);
  });
});
