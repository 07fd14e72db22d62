/** A browser page with VS Code in it, in the words of somebody who uses it; for tests and screenshots. */
import { isAbsolute } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { chromium, launchChromium } from './chromium.ts';
import { artifact } from './processes.ts';
import { startWorkbench, type Workbench, type WorkbenchOptions } from './workbench.ts';

interface Size {
  width: number;
  height: number;
}

const STARTS_WITHIN_MS = 60_000;

export interface PageInBrowser {
  readonly page: Page;
  readonly workbench: Workbench;
  readonly close: () => Promise<void>;
}

/** Starts VS Code's server and an empty page to open it in. */
export async function openPage(options: WorkbenchOptions, viewport: Size): Promise<PageInBrowser> {
  const executable = await chromium();
  const workbench = await startWorkbench(options);
  try {
    const browser = await launchChromium(executable);
    return {
      page: await browser.newPage({ viewport }),
      workbench,
      async close() {
        await browser.close(); // before the server: otherwise an extension host stays behind
        await workbench.stop();
      },
    };
  } catch (error) {
    await workbench.stop();
    throw error;
  }
}

export class WorkbenchPage {
  readonly page: Page;
  readonly close: () => Promise<void>;

  private constructor({ page, close }: PageInBrowser) {
    this.page = page;
    this.close = close;
  }

  /** Starts VS Code and a browser that shows it; `close` ends both. */
  static async open(options: WorkbenchOptions, viewport = { width: 1600, height: 900 }): Promise<WorkbenchPage> {
    const opened = await openPage(options, viewport);
    try {
      await opened.page.goto(opened.workbench.address());
      await opened.page.locator('.monaco-workbench').waitFor({ timeout: STARTS_WITHIN_MS });
      return new WorkbenchPage(opened);
    } catch (error) {
      await opened.close();
      throw error;
    }
  }

  async openFile(name: string): Promise<void> {
    await this.#choose(name, name.slice(name.lastIndexOf('/') + 1));
    await this.editor(name).locator('.view-line').first().waitFor();
  }

  /** Runs a command by its title, from the palette. */
  async command(title: string): Promise<void> {
    await this.#choose(`>${title}`, title);
  }

  /** `SCV: New Model…`, answered. */
  async newModel(template: string, dataset: string): Promise<void> {
    await this.command('SCV: New Model…');
    for (const answer of [template, dataset]) {
      await this.page.locator('.quick-input-list .monaco-list-row', { hasText: answer }).first().click();
    }
    await this.page.locator('.monaco-editor[data-uri^="untitled:"] .view-line').first().waitFor();
  }

  /** The editor of a file. */
  editor(name: string): Locator {
    return this.page.locator(`.monaco-editor[data-uri*="/${name}"]`);
  }

  /** Replaces a word as one does by hand: double click, and type. */
  async retype(file: string, word: string, by: string): Promise<void> {
    const { x, y } = await this.placeOf(file, word);
    await this.page.mouse.dblclick(x, y);
    await this.page.keyboard.type(by);
    await this.page.keyboard.press('Escape'); // closes suggestions
  }

  /** Types behind the first occurrence of a text, as fast as one does. */
  async typeBehind(file: string, text: string, typed: string): Promise<void> {
    const { right, y } = await this.placeOf(file, text);
    await this.page.mouse.click(right, y);
    await this.page.keyboard.type(typed, { delay: 60 });
  }

  /** With the cursor on a text, a command that opens a list, and what is chosen there. */
  async choose(file: string, text: string, command: string, chosen: RegExp): Promise<void> {
    const row = this.page.locator('.action-widget .monaco-list-row', { hasText: chosen }).first();
    await this.#untilShown(row, async () => {
      await this.page.keyboard.press('Escape');
      const { x, y } = await this.placeOf(file, text);
      await this.page.mouse.click(x, y);
      await this.command(command);
    });
    await row.click();
  }

  /** Tries until something shows: a lens that appears or goes moves the text away from under the pointer. */
  async #untilShown(shown: Locator, attempt: () => Promise<void>): Promise<void> {
    for (let tries = 10; ; tries--) {
      await attempt();
      const isThere = await shown.waitFor({ timeout: 3000 }).then(
        () => true,
        (error: unknown) => {
          if (tries === 0) throw error;
          return false;
        },
      );
      if (isThere) return;
    }
  }

  /** A line that the editor shows; spaces in it are of any kind. */
  line(file: string, wanted: RegExp): Locator {
    return this.editor(file).locator('.view-line', { hasText: wanted });
  }

  /** Erases a text, from its end backwards. */
  async erase(file: string, text: string): Promise<void> {
    const { right, y } = await this.placeOf(file, text);
    await this.page.mouse.click(right, y);
    for (const _ of text) await this.page.keyboard.press('Backspace');
  }

  /** Rests with the pointer on a text until something is told about it. */
  async hover(file: string, text: string): Promise<Locator> {
    const hover = this.page.locator('.monaco-hover:visible .rendered-markdown').first();
    await this.#untilShown(hover, async () => {
      const { x, y } = await this.placeOf(file, text);
      await this.page.mouse.move(x, y + 200);
      await this.page.mouse.move(x, y, { steps: 3 });
    });
    return hover;
  }

  /** The colour of the first token with a text. */
  async colourOf(file: string, text: string): Promise<string> {
    const token = this.editor(file).locator('.view-line span span', { hasText: text }).first();
    return token.evaluate((element) => getComputedStyle(element).color);
  }

  /** The first occurrence of a text that the editor shows, when it has come to rest: its middle, and its right end. */
  async placeOf(file: string, text: string): Promise<{ x: number; y: number; right: number }> {
    let before: { x: number; y: number; right: number } | undefined;
    for (let tries = 100; tries > 0; tries--) {
      const place = await this.#placeNow(file, text);
      if (place !== undefined && place.x === before?.x && place.y === before.y) return place;
      before = place;
      await this.page.waitForTimeout(100);
    }
    throw new Error(`the editor shows no '${text}' that rests`);
  }

  async #placeNow(file: string, text: string): Promise<{ x: number; y: number; right: number } | undefined> {
    return this.editor(file).evaluate((editor, wanted) => {
      const lines = [...editor.querySelectorAll('.view-line')].sort((a, b) => topOf(a) - topOf(b));
      for (const line of lines) {
        const start = line.textContent.replaceAll('\u00a0', ' ').indexOf(wanted);
        if (start < 0) continue;
        const range = document.createRange();
        range.setStart(...at(line, start));
        range.setEnd(...at(line, start + wanted.length));
        const { x, y, width, height } = range.getBoundingClientRect();
        return { x: x + width / 2, y: y + height / 2, right: x + width };
      }
      return undefined;

      function topOf(element: Element): number {
        return element.getBoundingClientRect().top;
      }

      /** A line consists of a text node for each token. */
      function at(line: Element, offset: number): [Node, number] {
        const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
        let left = offset;
        for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
          const { length } = node.textContent ?? '';
          if (left <= length) return [node, left];
          left -= length;
        }
        throw new Error('the text ends before');
      }
    }, text);
  }

  /** A picture among the artifacts, or in the file that is named. */
  async screenshot(name: string): Promise<void> {
    await this.page.screenshot({ path: isAbsolute(name) ? name : artifact(`${name}.png`) });
  }

  async #choose(typed: string, row: string): Promise<void> {
    // One that is still going away would be what F1 answers to.
    await this.page.locator('.quick-input-widget').first().waitFor({ state: 'hidden' });
    await this.page.keyboard.press('F1');
    const input = this.page.locator('.quick-input-widget input').first();
    await input.waitFor();
    const found = this.page.locator('.quick-input-list .monaco-list-row.focused', { hasText: row });
    // What extensions bring comes some time after VS Code itself; the list is made anew for what is typed.
    for (let tries = 5; ; tries--) {
      await input.fill(typed);
      const isThere = await found.waitFor({ timeout: 5000 }).then(
        () => true,
        (error: unknown) => {
          if (tries === 0) throw error;
          return false;
        },
      );
      if (isThere) break;
      await input.fill('');
    }
    await this.page.keyboard.press('Enter');
  }
}
