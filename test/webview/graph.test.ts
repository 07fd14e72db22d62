/** What the page of the graph works out, without a page. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PAINTS } from '../../server/src/core/drawing/mark.ts';
import { THEMES } from '../../server/src/core/drawing/theme.ts';
import { UNFOLDED } from '../../server/src/core/view/view.ts';
import { viewOf } from '../../server/src/core/view/viewOf.ts';
import type { PlacedDefinition } from '../../server/src/protocol/graph.ts';
import { anchored, moved } from '../../webview/src/graph/anchor.ts';
import { boxesIn, Lines } from '../../webview/src/graph/culling.ts';
import { boxAt, nearestBox, stillThere } from '../../webview/src/graph/cursor.ts';
import {
  boxAtPoint,
  dropEdit,
  type DropTarget,
  dropTarget,
  lineAt,
  whereOf,
} from '../../webview/src/graph/dragging.ts';
import { editedPlace } from '../../webview/src/graph/edits.ts';
import { keyAction } from '../../webview/src/graph/keys.ts';
import { parseMarkdown } from '../../webview/src/graph/markdown.ts';
import { matching } from '../../webview/src/graph/matching.ts';
import { pairOf, pairText } from '../../webview/src/graph/pairs.ts';
import { found, rowsOf, sorted, wayTo } from '../../webview/src/graph/rows.ts';
import { FRESH, readSavedState } from '../../webview/src/graph/savedState.ts';
import { neighbour, touching } from '../../webview/src/graph/walking.ts';
import { type Pictured, pictureOf, STAGES } from './pictures.ts';

const folded = pictureOf(STAGES, { depth: 0 });
const unfolded = pictureOf(STAGES, UNFOLDED);

/** Where the definitions of the text begin, as a server tells it: each statement has a line of its own. */
const PLACED: readonly PlacedDefinition[] = folded.graph.modules.map(({ definition }) => {
  const name = definition.slice(definition.lastIndexOf('#') + 1);
  const header = STAGES.search(new RegExp(`^(model|block) ${name}\\b`, 'm'));
  const end = STAGES.indexOf('\n}', header) + 2;
  const statements = [...STAGES.slice(header, end).matchAll(/^ {2}(?=\w)/gm)].map(({ index }) => header + index + 2);
  return { id: definition, uri: 'file:///a.scv', header, end, statements };
});

describe('the cursor and its box', () => {
  const at = (text: string, from: Pictured, selected?: string): string | undefined =>
    boxAt(from, PLACED, 'file:///a.scv', STAGES.indexOf(text) + 1, selected)?.id;

  it('is the node that it stands in', () => {
    assert.equal(at('Conv2d(8', folded), 'conv1');
    assert.equal(at('Linear(10', folded), 'fc');
    assert.equal(at('BatchNorm2d', unfolded), 'stage1/bn');
  });

  it('is the card that its definition is folded in', () => {
    assert.equal(at('BatchNorm2d', folded), 'stage1');
  });

  it('is the selected one of those that come from one place', () => {
    assert.equal(at('BatchNorm2d', unfolded, 'stage2/bn'), 'stage2/bn');
  });

  it('is none in another file', () => {
    assert.equal(boxAt(folded, PLACED, 'file:///b.scv', 60, undefined), undefined);
  });

  it('stays on what it is folded in, and on what takes its place', () => {
    assert.equal(nearestBox(folded.view, 'stage2/conv', unfolded.view)?.id, 'stage2');
    const turns = [...unfolded.view.byId.values()].filter(({ title }) => title === 'GELU');
    assert.equal(turns.length, 3);
    for (const { id } of turns) assert.equal(nearestBox(folded.view, id, unfolded.view)?.repeats, 3, id);
    const renamed = pictureOf(STAGES.replace('conv1:', 'first:'), { depth: 0 });
    assert.equal(stillThere(renamed.view, 'conv1', folded.view)?.id, 'first');
  });
});

describe('the arrow keys', () => {
  const { view, layout } = unfolded;

  it('lead along each edge and back', () => {
    for (const { source, target } of view.edges) {
      const down = neighbour(view, layout, source, 'down');
      assert.ok(view.edges.some((edge) => edge.source === source && edge.target === down));
      const up = neighbour(view, layout, target, 'up');
      assert.ok(view.edges.some((edge) => edge.target === target && edge.source === up));
    }
  });

  it('lead out of a frame and into it', () => {
    assert.equal(neighbour(view, layout, 'stage1/bn', 'out'), 'stage1');
    assert.equal(neighbour(view, layout, 'stage1', 'in'), 'stage1/conv');
    assert.equal(neighbour(view, layout, 'conv1', 'out'), undefined);
    assert.match(neighbour(view, layout, 'stage1', 'down') ?? '', /^stage2\//);
  });

  it('know what touches a box, and what only runs inside a frame', () => {
    assert.ok(touching(view, 'stage1/conv').boxes.has('stage1/bn'));
    const { edges } = touching(view, 'stage1');
    assert.ok(edges.size > 0);
    for (const index of edges) {
      const { source, target } = view.edges[index]!;
      assert.notEqual(source.startsWith('stage1/'), target.startsWith('stage1/'));
    }
  });

  it('mean what the docs say, and else are VS Code’s', () => {
    const plain = { ctrlKey: false, metaKey: false, altKey: false, shiftKey: false };
    const key = (pressed: string, more: Partial<typeof plain> = {}): ReturnType<typeof keyAction> =>
      keyAction({ key: pressed, ...plain, ...more });
    assert.deepEqual(key('ArrowLeft'), { kind: 'walk', direction: 'left' });
    assert.deepEqual(key('ArrowUp', { ctrlKey: true }), { kind: 'walk', direction: 'out' });
    assert.deepEqual(key('Enter', { altKey: true }), { kind: 'enter', all: true });
    assert.deepEqual(key('Enter', { shiftKey: true }), { kind: 'foldAround' });
    assert.equal(key('z', { ctrlKey: true }), undefined);
    assert.deepEqual(key('ArrowUp', { altKey: true }), { kind: 'move', direction: 'up' });
    assert.equal(key('ArrowUp', { altKey: true, shiftKey: true }), undefined);
    assert.equal(key('Delete', { ctrlKey: true }), undefined);
    assert.equal(key('a'), undefined);
  });
});

describe('what is in sight', () => {
  const { layout } = unfolded;
  const whole = { left: -1e5, top: -1e5, right: 1e5, bottom: 1e5 };

  it('is all of it, or what the area touches', () => {
    assert.equal(boxesIn(layout, whole).length, layout.boxes.size);
    assert.deepEqual(new Lines(layout.lines).in(whole), layout.lines);
    const { x, y, width, height } = layout.boxes.get('conv1')!;
    const inside = { left: x + 1, top: y + 1, right: x + width - 1, bottom: y + height - 1 };
    assert.deepEqual(boxesIn(layout, inside), ['conv1']);
    assert.deepEqual(new Lines(layout.lines).in({ left: -900, top: 0, right: -800, bottom: 10 }), []);
  });

  it('keeps the anchor in its place', () => {
    const before = { layout: folded.layout, offset: { x: 30, y: -7 } };
    const old = moved(before.offset, folded.layout);
    for (const anchor of ['stage2', 'fc', 'conv1']) {
      const now = moved(anchored(before, layout, ['gone', anchor], undefined), layout).boxes.get(anchor)!;
      const then = old.boxes.get(anchor)!;
      assert.deepEqual([now.axis, now.y], [then.axis, then.y]);
    }
  });

  it('keeps what is nearest to its middle where nothing else is told', () => {
    const old = folded.layout.boxes.get('stage2')!;
    const seen = { left: old.x, right: old.x + old.width, top: old.y, bottom: old.y + old.height };
    const offset = anchored({ layout: folded.layout, offset: { x: 0, y: 0 } }, layout, [], seen);
    assert.equal(moved(offset, layout).boxes.get('stage2')!.y, old.y);
  });
});

describe('a drag', () => {
  const { view, layout } = unfolded;
  const drawn = { ...unfolded, lines: layout.lines };
  const dragged = { kind: 'piece', piece: { name: 'Dropout' } } as const;
  const card = layout.boxes.get('conv1')!;

  it('falls on the box or the line that it is over', () => {
    assert.equal(boxAtPoint(view, layout, { x: card.x + 100, y: card.y + 20 }), 'conv1');
    const below = { x: card.axis + 6, y: card.y + card.height + 6 };
    const line = lineAt(layout.lines, below, 14);
    assert.equal(view.edges[line?.edges[0] ?? -1]?.source, 'conv1');
    assert.deepEqual(dropTarget(dragged, drawn, below), { kind: 'line', line });
    assert.equal(dropTarget(dragged, drawn, { x: -500, y: 0 }), undefined);
    // A card isn't put behind itself.
    assert.equal(dropTarget({ kind: 'box', id: 'conv1' }, drawn, { x: card.x + 4, y: card.y + 20 }), undefined);
  });

  it('is an edit behind a box, before an output, or on an edge', () => {
    assert.deepEqual(dropEdit(view, dragged, { kind: 'box', id: 'fc', zone: 'after' }), {
      kind: 'insertLayer',
      piece: { name: 'Dropout' },
      where: { kind: 'after', node: view.byId.get('fc')!.place },
    });
    assert.equal(whereOf(view, { kind: 'box', id: 'output:logits', zone: 'after' })?.kind, 'before');
    const index = view.edges.findIndex(({ source }) => source === 'conv1');
    const line = layout.lines.find(({ edges }) => edges.includes(index))!;
    assert.deepEqual(whereOf(view, { kind: 'line', line }), {
      kind: 'edge',
      edge: {
        from: { node: view.byId.get('conv1')!.place, output: 0 },
        to: { node: view.byId.get(view.edges[index]!.target)!.place, input: 0 },
      },
    });
  });

  it('beside a card is a way around it', () => {
    const at = (share: number): DropTarget | undefined =>
      dropTarget(dragged, drawn, { x: card.x + share * card.width, y: card.y + 20 });
    assert.deepEqual(
      [0.2, 0.6, 0.9].map((share) => at(share)),
      (['after', 'add', 'concat'] as const).map((zone) => ({ kind: 'box', id: 'conv1', zone })),
    );
    const node = view.byId.get('conv1')!.place;
    assert.deepEqual(dropEdit(view, dragged, at(0.9)!), {
      kind: 'insertBranch',
      first: node,
      last: node,
      join: 'concat',
      piece: { name: 'Dropout' },
    });
    // Only a piece can: an edge that is led elsewhere begins at the card.
    const edge = view.edges.findIndex(({ target }) => target === 'fc');
    const place = { x: card.x + 0.9 * card.width, y: card.y + 20 };
    assert.deepEqual(dropTarget({ kind: 'edge', edge }, drawn, place), { kind: 'box', id: 'conv1', zone: 'after' });
  });

  it('of an edge takes its target’s input from elsewhere', () => {
    const edge = view.edges.findIndex(({ target }) => target === 'fc');
    assert.deepEqual(dropEdit(view, { kind: 'edge', edge }, { kind: 'box', id: 'conv1', zone: 'after' }), {
      kind: 'rewire',
      to: { node: view.byId.get('fc')!.place, input: 0 },
      from: { node: view.byId.get('conv1')!.place, output: 0 },
    });
  });

  it('of a repeat means all its turns', () => {
    const all = [...folded.view.byId.values()].find(({ title, repeats }) => title === 'GELU' && repeats === 3)!;
    assert.deepEqual(all.place.at(-1)!.turns, [0]);
    assert.deepEqual(editedPlace(all).at(-1)!.turns, []);
    const one = [...unfolded.view.byId.values()].find(({ title }) => title === 'GELU')!;
    assert.deepEqual(editedPlace(one).at(-1)!.turns, [0]);
  });
});

describe('the table and the search', () => {
  const { rows, unfolded: all } = rowsOf(folded.graph, folded.view);

  it('have all layers, folded ones too', () => {
    assert.ok(rows.some(({ path }) => path === 'stage2.bn'));
    assert.equal(rows.filter(({ box }) => box.title === 'GELU').length, 3);
  });

  it('sort by any column', () => {
    const by = sorted(rows, 'parameters', false).map(({ box }) => box.counts.parameters ?? -1);
    assert.deepEqual(
      by,
      by.toSorted((a, b) => b - a),
    );
    assert.deepEqual(sorted(rows, 'parameters', true), sorted(rows, 'parameters', false).toReversed());
    const paths = sorted(rows, 'path', false).map(({ path }) => path);
    assert.ok(paths.indexOf('stage1.bn') < paths.indexOf('stage2.bn'));
  });

  it('find by words in any order, and know the way', () => {
    assert.deepEqual(
      found(rows, 'bn stage2').map(({ box }) => box.id),
      ['stage2/bn'],
    );
    assert.deepEqual(found(rows, '  '), []);
    for (const { box } of rows) {
      const choices = new Map(wayTo(all!, box.id).map((id) => [id, true]));
      assert.ok(viewOf(folded.graph, { depth: 0, choices }).byId.has(box.id), box.id);
    }
  });
});

describe('the inspector', () => {
  it('reads pairs as they are written, and nothing else', () => {
    assert.deepEqual(pairOf('3'), ['3', '3']);
    assert.deepEqual(pairOf('(3, 1)'), ['3', '1']);
    for (const other of ['"same"', 'k', '(3, k)', '(1, 2, 3)', '-1', undefined]) assert.equal(pairOf(other), undefined);
    assert.equal(pairText(['3', ' 3']), '3');
    assert.equal(pairText(['3', '1']), '(3, 1)');
  });

  it('shows hovers: code, bold and links to our pages and the web, no others', () => {
    const page = 'command:scv.openLayerPage?%5B%22Conv2d%22%5D';
    const [lines] = parseMarkdown(`**a** \`b\`  \nc [d](${page}) [e](command:evil) [f](https://g)`);
    assert.deepEqual(lines, [
      [
        { kind: 'bold', text: 'a' },
        { kind: 'text', text: ' ' },
        { kind: 'code', text: 'b' },
      ],
      [
        { kind: 'text', text: 'c ' },
        { kind: 'page', text: 'd', layer: 'Conv2d' },
        { kind: 'text', text: ' ' },
        { kind: 'text', text: 'e' },
        { kind: 'text', text: ' ' },
        { kind: 'link', text: 'f', to: 'https://g' },
      ],
    ]);
  });
});

describe('the palette', () => {
  const groups = [
    { title: 'A', pieces: [{ name: 'Conv2d', summary: 'slides' }, { name: 'Fold' }] },
    { title: 'B', pieces: [{ name: 'Unfold' }, { name: 'ReLU', summary: 'folds at zero' }] },
  ];

  it('finds by name, then by what a piece does', () => {
    assert.deepEqual(
      matching(groups, 'fold').map(({ pieces }) => pieces.map(({ name }) => name)),
      [['Fold'], ['Unfold', 'ReLU']],
    );
    assert.deepEqual(matching(groups, ''), groups);
    assert.deepEqual(matching(groups, 'xyz'), []);
  });
});

describe('the page', () => {
  it('reads what it has saved, and begins anew from anything else', () => {
    const state = { ...FRESH, model: 'A', unfolded: ['a'], panel: 'layers' };
    assert.deepEqual(readSavedState(JSON.parse(JSON.stringify(state))), state);
    for (const other of [undefined, null, 3, {}, { ...state, colouring: 'red' }, { ...state, folded: [1] }]) {
      assert.equal(readSavedState(other), FRESH);
    }
  });

  it('falls back to the colours of files', () => {
    const css = readFileSync(join(import.meta.dirname, '../../webview/src/graph/theme.css'), 'utf8');
    const [light = '', dark = ''] = css.split(':where(');
    for (const paint of PAINTS) {
      const pattern = new RegExp(`--scv-${paint}: (?:var\\([\\w-]+, )?(#[0-9a-f]{6})\\)?;`);
      assert.equal(pattern.exec(light)?.[1], THEMES.light[paint], `light ${paint}`);
      assert.equal(pattern.exec(dark)?.[1], THEMES.dark[paint], `dark ${paint}`);
      assert.ok(css.includes(`.fill-${paint} {`) && css.includes(`.stroke-${paint} {`), paint);
    }
  });
});
