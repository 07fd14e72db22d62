import { AstUtils, CstUtils, GrammarUtils, type AstNode, type LangiumDocument } from 'langium';
import type { RenameProvider } from 'langium/lsp';
import type { Range, RenameParams, TextDocumentPositionParams, TextEdit, WorkspaceEdit } from 'vscode-languageserver';
import { PYTHON_KEYWORDS } from '../../core/elaborate/reserved.ts';
import { parsedOf } from '../documents.ts';
import * as ast from '../generated/ast.ts';
import type { ScvServices } from '../module.ts';
import { KEYWORDS } from '../reading/reader.ts';
import { allParts, isName } from '../text/parser.ts';
import { Collisions } from './rename/collisions.ts';
import { Consequences } from './rename/consequences.ts';
import { lineOf, refuse } from './rename/refusal.ts';
import { subjectAt, type Subject } from './rename/subject.ts';
import { isOutside, type DocumentEdits, type Note, type WorkspaceEdits } from './workspaceEdits.ts';

/**
 * Gives what the language has names for another one, in all files. The program means the same afterwards, or the rename
 * is refused; that the `state_dict` has other keys then is told, and asked for where the editor can ask.
 */
export class ScvRenameProvider implements RenameProvider {
  private readonly services: ScvServices;

  constructor(services: ScvServices) {
    this.services = services;
  }

  prepareRename(document: LangiumDocument, { position }: TextDocumentPositionParams): Range | undefined {
    return subjectAt(this.services, document, document.textDocument.offsetAt(position))?.range;
  }

  rename(document: LangiumDocument, { position, newName }: RenameParams): WorkspaceEdit | undefined {
    const subject = subjectAt(this.services, document, document.textDocument.offsetAt(position));
    if (subject === undefined) return undefined;
    if (newName === document.textDocument.getText(subject.range)) return this.edits().make([]);
    checkName(subject, newName);
    if (!ast.isLabel(subject.node)) new Collisions(this.services, subject, newName).refuse();
    const changes = this.changes(subject, newName);
    this.refuseUnread(subject);
    const note = new Consequences(this.services, subject, changes).note(newName);
    return this.edits().make(changes.map((each) => ({ ...each, note: this.outsideNote(each.document) ?? note })));
  }

  private edits(): WorkspaceEdits {
    return this.services.scv.WorkspaceEdits;
  }

  private changes({ node, places }: Subject, newName: string): readonly DocumentEdits[] {
    const edits = new Map<LangiumDocument, TextEdit[]>();
    const add = (document: LangiumDocument, edit: TextEdit): void => {
      const known = edits.get(document);
      if (known === undefined) edits.set(document, [edit]);
      else known.push(edit);
    };
    for (const { document, range } of places) add(document, { range, newText: newName });
    // Without "as" an extern is the class of its name.
    if (ast.isExtern(node) && node.construction === undefined) {
      const module = GrammarUtils.findNodeForProperty(node.$cstNode, 'module');
      if (module !== undefined) {
        const { end } = module.range;
        add(AstUtils.getDocument(node), { range: { start: end, end }, newText: ` as ${node.name}` });
      }
    }
    return [...edits].map(([document, found]) => ({ document, edits: found }));
  }

  /** What can't be read may name it too. */
  private refuseUnread({ node, name, places }: Subject): void {
    const isGlobal = ast.isDefinition(node) || ast.isImportedName(node);
    const local = isGlobal ? undefined : AstUtils.getContainerOfType(node, ast.isDefinition);
    for (const document of new Set(places.map((place) => place.document))) {
      const parsed = parsedOf(document);
      const root = parsed?.value.$cstNode;
      if (parsed === undefined || root === undefined) continue;
      const parts = [...allParts(parsed.parts)].filter(
        (part) => part.problems.length > 0 && isAround(part.node, local),
      );
      for (const { anchor, length } of parts) {
        const token = parsed.tokens.find(
          ({ image, startOffset }) =>
            image.normalize('NFKC') === name &&
            startOffset >= anchor.offset &&
            startOffset < anchor.offset + length &&
            CstUtils.findLeafNodeAtOffset(root, startOffset)?.offset !== startOffset,
        );
        if (token === undefined) continue;
        const place = document.textDocument.positionAt(token.startOffset);
        refuse(`${lineOf(document, place, node)} can't be read, and names ${name} too: mend it first.`);
      }
    }
  }

  private outsideNote({ uri }: LangiumDocument): Note | undefined {
    if (!isOutside(this.services.shared, uri)) return undefined;
    return {
      title: 'Outside of the workspace',
      text: `${uri.fsPath} lies outside of the folders that are open; files that aren't known here may import it.`,
    };
  }
}

/** Refuses what nothing can be called. */
function checkName({ node, isTail, name }: Subject, newName: string): void {
  if (!isName(newName) && !(isTail && /^\d+$/.test(newName)))
    refuse(`"${newName}" is no name: names are letters, digits and _, and begin with no digit.`);
  if (PYTHON_KEYWORDS.has(newName.normalize('NFKC'))) refuse(`"${newName}" is a word of Python's and can't be a name.`);
  if (KEYWORDS.has(newName.normalize('NFKC')) && !ast.isLabel(node))
    refuse(`"${newName}" is a word of the language and can't be a name.`);
  if (newName.normalize('NFKC') === '_' && name !== '_') refuse('"_" takes what isn\'t wanted, and can\'t be used.');
}

/** Whether a part may hold uses of something that is local to a definition. */
function isAround(part: AstNode | undefined, local: ast.Definition | undefined): boolean {
  if (local === undefined || part === undefined) return true;
  return AstUtils.getContainerOfType(part, ast.isDefinition) === local;
}
