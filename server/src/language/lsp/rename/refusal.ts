/** How a rename is refused. */
import { AstUtils, type AstNode, type LangiumDocument } from 'langium';
import { LSPErrorCodes, ResponseError, type Position } from 'vscode-languageserver';

/** `line 3`, and of which file where it isn't the subject's. */
export function lineOf(document: LangiumDocument, { line }: Position, subject: AstNode): string {
  const number = `line ${String(line + 1)}`;
  if (AstUtils.getDocument(subject) === document) return number;
  const { path } = document.uri;
  return `${number} of ${path.slice(path.lastIndexOf('/') + 1)}`;
}

export function refuse(message: string): never {
  throw new ResponseError(LSPErrorCodes.RequestFailed, message);
}
