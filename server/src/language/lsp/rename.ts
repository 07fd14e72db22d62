import type { LangiumDocument } from 'langium';
import { DefaultRenameProvider } from 'langium/lsp';
import { LSPErrorCodes, ResponseError, type RenameParams, type WorkspaceEdit } from 'vscode-languageserver';
import { ScvTerminals } from '../generated/ast.ts';
import { KEYWORDS } from '../reading/reader.ts';

const NAME = new RegExp(`^(?:${ScvTerminals.ID.source})$`);

/** Words that Python keeps for itself: the generated code could not use them. */
const PYTHON = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  ),
);

export class ScvRenameProvider extends DefaultRenameProvider {
  override async rename(document: LangiumDocument, params: RenameParams): Promise<WorkspaceEdit | undefined> {
    const { newName } = params;
    if (!NAME.test(newName))
      refuse(`"${newName}" is no name: names are letters, digits and _, and begin with no digit.`);
    if (PYTHON.has(newName)) refuse(`"${newName}" is a word of Python's and can't be a name.`);
    if (KEYWORDS.has(newName)) refuse(`"${newName}" is a word of the language and can't be a name.`);
    return super.rename(document, params);
  }
}

function refuse(message: string): never {
  throw new ResponseError(LSPErrorCodes.RequestFailed, message);
}
