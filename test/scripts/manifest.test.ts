/** What package.json promises to VS Code is there. */
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { CONTENTS } from '../../scripts/package.ts';

interface Manifest {
  contributes: {
    commands: { command: string; title: string; category?: string }[];
    menus: Record<string, { command: string }[]>;
    walkthroughs: { steps: { id: string; description: string; media: { image: string; altText: string } }[] }[];
    viewsWelcome: { contents: string }[];
  };
}

const { contributes } = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest;
/** Registered for links of our own, and in no palette. */
const FOR_LINKS = ['scv.openLayerPage'];

describe('the manifest', () => {
  const known = [...contributes.commands.map(({ command }) => command), ...FOR_LINKS];

  it('has a walkthrough of at most five steps, whose pictures come along', () => {
    for (const { steps } of contributes.walkthroughs) {
      assert.ok(steps.length <= 5);
      for (const { media } of steps) {
        assert.ok(existsSync(media.image), media.image);
        assert.ok(
          CONTENTS.some((each) => media.image.startsWith(each)),
          `${media.image} isn't packaged`,
        );
        assert.notEqual(media.altText, '');
      }
    }
  });

  it('links and menus name commands that there are', () => {
    const texts = [
      ...contributes.walkthroughs.flatMap(({ steps }) => steps.map(({ description }) => description)),
      ...contributes.viewsWelcome.map(({ contents }) => contents),
    ];
    const linked = texts.flatMap((text) => [...text.matchAll(/\(command:([\w.]+)/g)].map(([, command]) => command!));
    const inMenus = Object.values(contributes.menus).flatMap((items) => items.map(({ command }) => command));
    assert.ok(linked.length >= 4);
    assert.deepEqual(
      [...linked, ...inMenus].filter((command) => !known.includes(command)),
      [],
    );
  });

  it("has commands in SCV's category, in title case", () => {
    for (const { title, category } of contributes.commands) {
      assert.equal(category, 'SCV');
      assert.match(title, /^[A-Z]/);
    }
  });
});
