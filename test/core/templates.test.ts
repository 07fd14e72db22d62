import assert from 'node:assert/strict';
import { TEMPLATES, newModel } from '../../server/src/core/templates.ts';
import { format } from '../../server/src/language/format/format.ts';
import { generate } from '../../server/src/core/pytorch/generate.ts';
import { parser } from '../language/support.ts';
import { analyseText } from './texts.ts';

describe('templates', () => {
  for (const { id, datasets } of TEMPLATES) {
    for (const { name } of datasets) {
      it(`${id} fits ${name}`, () => {
        const text = newModel(id, name);
        const { facts, problems, messages } = analyseText(text);
        assert.deepEqual(problems, [], messages.join('\n'));
        const formatted = format(text, parser);
        assert.equal('text' in formatted ? formatted.text : '', text, 'the form of the formatter');
        const model = facts.models.at(-1)!;
        assert.deepEqual(generate(facts.session, model).problems, []);
      });
    }
  }

  it('are for the data sets that they name', () => {
    assert.throws(() => newModel('unet', 'MNIST'), RangeError);
    assert.throws(() => newModel('classifier', 'Nothing'), RangeError);
    assert.throws(() => newModel('none', 'MNIST'), RangeError);
  });
});
