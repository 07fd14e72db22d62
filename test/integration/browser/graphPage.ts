import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Frame, FrameLocator, Locator, Page } from 'playwright-core';
import type { WorkbenchPage } from '../../../scripts/workbenchPage.ts';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

export interface Violation {
  readonly id: string;
  readonly impact: string;
  readonly where: string;
}

/** The graph in a webview, in the words of somebody who uses it. */
export class GraphPage {
  readonly vscode: WorkbenchPage;
  readonly page: Page;
  readonly inside: FrameLocator;

  constructor(vscode: WorkbenchPage) {
    this.vscode = vscode;
    this.page = vscode.page;
    this.inside = this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }

  async open(): Promise<void> {
    await this.vscode.command('SCV: Open Graph');
    await this.inside.locator('.toolbar').waitFor({ timeout: 20_000 });
  }

  node(id: string): Locator {
    return this.inside.locator(`.react-flow__node[data-id="${id}"]`);
  }

  /** What a screen reader says of it. */
  async spoken(id: string): Promise<string> {
    return this.node(id).locator('.spoken').innerText();
  }

  /** Makes room: what is out of sight can't be clicked. */
  async showAll(): Promise<void> {
    await this.inside.getByRole('button', { name: 'Show All' }).click();
    await this.page.waitForTimeout(400); // it moves
  }

  get selected(): Locator {
    return this.inside.locator('.react-flow__node.selected');
  }

  async ids(): Promise<string[]> {
    const nodes = await this.inside.locator('.react-flow__node').all();
    const ids = await Promise.all(nodes.map((node) => node.getAttribute('data-id')));
    return ids.filter((id) => id !== null);
  }

  /** A frame is taken by its title. */
  async toggle(id: string): Promise<void> {
    await this.node(id).dblclick({ position: { x: 60, y: 14 } });
  }

  async tab(name: 'Inspector' | 'Layers' | 'Palette'): Promise<void> {
    await this.inside.getByRole('tab', { name }).click();
  }

  /** From the palette to the edge that leaves a card. */
  async drag(piece: string, behind: string): Promise<void> {
    await this.#press(this.inside.getByRole('button', { name: piece, exact: true }), 20, 8);
    await this.#dropBehind(behind);
  }

  /** From the palette onto a card, at a share of its width. */
  async dragOnto(piece: string, id: string, share: number): Promise<void> {
    await this.#press(this.inside.getByRole('button', { name: piece, exact: true }), 20, 8);
    await this.#dropOn(id, share);
  }

  /** A card to the edge that leaves another one. */
  async moveCard(id: string, behind: string): Promise<void> {
    await this.#press(this.node(id), 30, 10);
    await this.#dropBehind(behind);
  }

  /** The edge that leaves a card, to another source. */
  async leadFrom(id: string, source: string): Promise<void> {
    const { width, height } = await boxOf(this.node(id));
    await this.#press(this.node(id), width / 2, height + 5 * (width / 240));
    await this.#dropOn(source, 0.3);
  }

  async #press(locator: Locator, x: number, y: number): Promise<void> {
    const box = await boxOf(locator);
    await this.page.mouse.move(box.x + x, box.y + y);
    await this.page.mouse.down();
    await this.page.mouse.move(box.x + x + 20, box.y + y + 20, { steps: 4 });
  }

  async #dropBehind(id: string): Promise<void> {
    const to = await boxOf(this.node(id));
    const zoom = to.width / 240;
    await this.page.mouse.move(to.x + 20, to.y + 80, { steps: 6 });
    await this.page.mouse.move(to.x + to.width / 2, to.y + to.height + 9 * zoom, { steps: 4 });
    await this.inside.locator('.line.target').waitFor({ state: 'attached' });
    await this.page.mouse.up();
  }

  async #dropOn(id: string, share: number): Promise<void> {
    const to = await boxOf(this.node(id));
    await this.page.mouse.move(to.x + share * to.width, to.y + to.height / 2, { steps: 8 });
    await this.inside.locator(`.react-flow__node.target[data-id="${id}"]`).waitFor();
    await this.page.mouse.up();
  }

  /** What axe finds that keeps somebody out. */
  async violations(): Promise<Violation[]> {
    const frame = await this.#frame();
    await frame.evaluate(axeSource);
    return frame.evaluate(async () => {
      const { axe } = globalThis as unknown as {
        axe: {
          run(): Promise<{
            violations: { id: string; impact: string | null; nodes: { html: string; failureSummary?: string }[] }[];
          }>;
        };
      };
      const { violations } = await axe.run();
      return violations.flatMap(({ id, impact, nodes }) =>
        impact === 'serious' || impact === 'critical'
          ? [
              {
                id,
                impact,
                where: nodes
                  .map(({ html }) => html.slice(0, 160))
                  .slice(0, 3)
                  .join('\n'),
              },
            ]
          : [],
      );
    });
  }

  /** Playwright runs scripts in frames, not in what locates them. */
  async #frame(): Promise<Frame> {
    const outer = await this.page.locator('iframe.webview.ready').elementHandle();
    const inner = await (await outer.contentFrame())?.locator('iframe#active-frame').elementHandle();
    const frame = await inner?.contentFrame();
    if (frame === null || frame === undefined) throw new Error('there is no graph');
    return frame;
  }
}

async function boxOf(locator: Locator): Promise<{ x: number; y: number; width: number; height: number }> {
  const box = await locator.boundingBox();
  if (box === null) throw new Error('it is not in sight');
  return box;
}
