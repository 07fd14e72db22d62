import { type ReadFile } from './reading/sourceFile.ts';
import { FileParser } from './text/parser.ts';
/** What a text says, without a language server around: for the command line, and for tests of what comes after. */
export declare function readSource(uri: string, text: string): ReadFile;
export declare function createFileParser(): FileParser;
