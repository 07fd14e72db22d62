/** People type while a graph is open: an edit that was made for an older text is never applied to a newer one. */
import assert from 'node:assert/strict';
import { applyChanges, staleFiles, type Versions } from '../../../server/src/core/edits/edit.ts';
import { Random } from '../../random.ts';
import { SEED, caseCount } from '../../scale.ts';
import { emptyWorkspace } from '../services.ts';
import { plannerOf } from '../../../server/src/language/graph/planGraphEdit.ts';
import { allPlaces, type PlacedNode } from './places.ts';

const MAIN = 'file:///main.scv';
const LIBRARY = 'file:///library.scv';

/** What a view shows, and of which texts. */
interface View {
  readonly versions: Versions;
  readonly texts: ReadonlyMap<string, string>;
  readonly nodes: readonly PlacedNode[];
}

it(`applies no edit to a text that it was not made for (SCV_SEED=${String(SEED)})`, async function () {
  this.timeout(0);
  const random = new Random(SEED, 'stale');
  const workspace = await emptyWorkspace();
  const { language } = workspace;
  const planner = plannerOf(language);
  const texts = new Map<string, string>();
  const versions = new Map<string, number>();
  const write = async (uri: string, text: string): Promise<void> => {
    texts.set(uri, text);
    versions.set(uri, (versions.get(uri) ?? 0) + 1);
    await workspace.put(new Map([[uri, text]]));
  };
  const look = (): View => ({
    versions: Object.fromEntries(versions),
    texts: new Map(texts),
    nodes: allPlaces(language.scv.scv.Analysis.factsOf(workspace.document(MAIN))!),
  });
  const begin = async (): Promise<void> => {
    await write(LIBRARY, 'block Unit {\n  input x\n  output x -> Conv2d(8, 1) -> ReLU\n}\n');
    await write(
      MAIN,
      'import { Unit } from "./library.scv"\n\nmodel M {\n  input image: [N, 8, 4, 4]\n  output image -> Unit -> Unit\n}\n',
    );
  };
  await begin();
  let view = look();
  let applied = 0;
  let refused = 0;
  for (let step = caseCount(60, 1000); step > 0; step--) {
    const uri = random.pick([MAIN, LIBRARY]);
    if (texts.get(MAIN)!.length > 600) await begin();
    switch (random.int(0, 3)) {
      case 0:
        await write(uri, `${random.pick(['# typed\n', '\n'])}${texts.get(uri)!}`);
        break;
      case 1:
        view = look();
        break;
      default: {
        const stages = view.nodes.filter(({ node }) => node?.kind === 'layer' || node?.kind === 'block');
        const { place } = random.pick(stages);
        if (staleFiles(view.versions, (each) => versions.get(each)).length > 0) {
          refused += 1;
          break;
        }
        // It is made for these very texts.
        assert.deepEqual(view.texts, texts);
        const plan = planner.plan({
          edit: { kind: 'insertLayer', piece: { name: 'Tanh' }, where: { kind: 'after', node: place } },
          scope: random.pick(['all', 'here']),
        });
        assert.ok(plan.kind === 'edits', JSON.stringify(plan));
        for (const { uri: file, edits } of plan.files) await write(file, applyChanges(texts.get(file)!, edits));
        assert.match([...texts.values()].join(''), /Tanh/u);
        applied += 1;
      }
    }
  }
  assert.ok(applied >= 5 && refused >= 5, `${String(applied)} applied, ${String(refused)} refused`);
});
