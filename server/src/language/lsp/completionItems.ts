/** Completion items, by what they stand for. */
import type { LangiumDocument } from 'langium';
import { CompletionItemKind, InsertTextFormat, MarkupKind, type CompletionItem } from 'vscode-languageserver';
import { signature } from '../../core/elaborate/words.ts';
import type { Layer } from '../../core/layers/layer.ts';
import { usualArguments } from '../../core/layers/usualValues.ts';
import type { Snippets } from './snippets.ts';

/** What an item is looked up by when somebody stops at it: documentation costs too much for all of a list. */
export interface CompletionData {
  readonly uri: string;
  readonly offset: number;
  readonly name: string;
  /** The file that a definition is in. */
  readonly from?: string;
}

export function isCompletionData(data: unknown): data is CompletionData {
  return typeof data === 'object' && data !== null && 'uri' in data && 'offset' in data && 'name' in data;
}

export function dataFor(
  document: LangiumDocument,
  offset: number,
  name: string,
  from?: LangiumDocument,
): CompletionData {
  return { uri: document.uri.toString(), offset, name, ...(from === undefined ? {} : { from: from.uri.toString() }) };
}

export function item(label: string, kind: CompletionItemKind, documentation?: string): CompletionItem {
  return { label, kind, ...(documentation === undefined ? {} : { documentation: markdown(documentation) }) };
}

export function markdown(value: string): { kind: typeof MarkupKind.Markdown; value: string } {
  return { kind: MarkupKind.Markdown, value };
}

/** @param shape what comes out of it here, as far as that is known */
export function layerItem(layer: Layer, shape: string | undefined): CompletionItem {
  const kind = layer.kind === 'module' ? CompletionItemKind.Class : CompletionItemKind.Function;
  return {
    label: layer.name,
    kind,
    detail: shape === undefined ? signature(layer) : `→ ${shape}`,
    ...(shape === undefined ? {} : { labelDetails: { description: shape } }),
    ...called(
      layer.name,
      usualArguments(layer).map(({ name, value, isNamed }) => ({
        prefix: isNamed ? `${name}=` : '',
        placeholder: value,
      })),
    ),
  };
}

interface Placeholder {
  readonly prefix: string;
  readonly placeholder: string;
}

/** With parentheses, and places to go through in them, where something has to stand there. */
export function called(name: string, given: readonly Placeholder[]): Partial<CompletionItem> {
  if (given.length === 0) return {};
  const inside = given.map(
    ({ prefix, placeholder }, i) => `${prefix}\${${String(i + 1)}:${placeholder.replaceAll(/[$}\\]/g, '\\$&')}}`,
  );
  return { insertText: `${name}(${inside.join(', ')})`, insertTextFormat: InsertTextFormat.Snippet };
}

export function keys(documented: Readonly<Record<string, string>>): CompletionItem[] {
  return Object.entries(documented).map(([name, doc]) => ({
    ...item(name, CompletionItemKind.Property, doc),
    insertText: `${name}: `,
  }));
}

export function snippets(all: Snippets): CompletionItem[] {
  return Object.entries(all).map(([label, { body, summary }]) => ({
    ...item(label, /^\w+$/.test(label) ? CompletionItemKind.Keyword : CompletionItemKind.Snippet, summary),
    insertText: body,
    insertTextFormat: InsertTextFormat.Snippet,
    // A space in it would match what nobody meant.
    filterText: label.replaceAll(/\W/g, ''),
    sortText: `3${label}`,
  }));
}

/** A key that sorts as the number does. */
export function ordinal(index: number): string {
  return String(index).padStart(3, '0');
}
