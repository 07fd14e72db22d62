import { AstUtils, type AstNode, type LangiumDocument } from 'langium';
import * as ast from '../../generated/ast.ts';
import { fileOf } from '../../documents.ts';
import type { ScvServices } from '../../module.ts';
import { isCallable } from '../../scope.ts';
import { usesBelow, usesIn, type Use } from '../uses.ts';
import { lineOf, refuse } from './refusal.ts';
import type { Declaration, Subject } from './subject.ts';

/** Whether a new name is taken where the old one is used, or would take what others mean by it. */
export class Collisions {
  private readonly services: ScvServices;
  private readonly subject: Subject;
  private readonly newName: string;
  /** What refers to the subject. */
  private readonly uses: readonly Use[];

  constructor(services: ScvServices, subject: Subject, newName: string) {
    this.services = services;
    this.subject = subject;
    this.uses = services.references.References.usesOf(subject.node);
    this.newName = newName.normalize('NFKC');
  }

  refuse(): void {
    const { node } = this.subject;
    this.refusePythonArgument();
    if (ast.isDefinition(node) || ast.isImportedName(node)) this.inFiles(node);
    else this.inDefinition(node, AstUtils.getContainerOfType(node, ast.isDefinition)!);
  }

  /** A parameter's name is Python's, where an extern's class is given its arguments as they are written. */
  private refusePythonArgument(): void {
    const { node, name } = this.subject;
    const extern = ast.isParameter(node) ? node.$container : undefined;
    if (!ast.isExtern(extern) || ast.isCall(extern.construction)) return;
    const given = this.uses.find((use) => ast.isArgument(use.node));
    if (given === undefined) return;
    const call = `${extern.name}(${extern.parameters.map((each) => each.name).join(', ')})`;
    refuse(
      `${name} is the name of ${extern.name}'s own argument in Python, and ${this.line(given.node)} gives it by name: say how it is constructed first, as ${call}.`,
    );
  }

  private inFiles(node: ast.Definition | ast.ImportedName): void {
    const files = new Set([AstUtils.getDocument(node), ...this.importers()]);
    for (const document of files) {
      const file = fileOf(document);
      const taken = file && this.declarationIn(file);
      if (taken !== undefined) this.refuseTaken(taken);
    }
    this.refuseHidden();
    for (const document of files) {
      for (const use of usesIn(document)) {
        if (use.reference.$refText !== this.newName || ast.isArgument(use.node) || ast.isImportedName(use.node))
          continue;
        const { ref } = use.reference;
        if (ref === undefined || ast.isDefinition(ref) || ast.isImportedName(ref)) this.refuseCaptured(use.node);
      }
    }
  }

  /** The files in which a definition has its own name. */
  private importers(): LangiumDocument[] {
    return this.uses.flatMap(({ node }) =>
      ast.isImportedName(node) && node.name === undefined ? [AstUtils.getDocument(node)] : [],
    );
  }

  private inDefinition(node: Declaration, definition: ast.Definition): void {
    const loop = node.$container;
    const region = ast.isForStage(loop) ? loop : definition;
    const taken = this.services.references.ScopeProvider.localOf(definition, this.newName);
    if (taken !== undefined) this.refuseTaken(taken);
    this.refuseHidden();
    for (const use of usesBelow(region)) {
      if (use.reference.$refText !== this.newName || ast.isArgument(use.node)) continue;
      if (use.node.$type === 'Call' && !isCallable(node)) continue;
      const { ref } = use.reference;
      // What means a loop's own name goes on to mean that; what stands above means nothing else either.
      if (!ast.isForStage(ref?.$container)) this.refuseCaptured(use.node);
    }
    if (ast.isBoundName(node) && ast.isForStage(loop)) {
      const inner = AstUtils.streamAllContents(loop).find(
        (each) => ast.isBoundName(each) && each.name === this.newName && each !== node,
      );
      if (inner !== undefined) this.refuseTaken(inner);
    }
  }

  /** Where the new name means something else at a use of the old one. */
  private refuseHidden(): void {
    for (const { node } of this.uses) {
      if (ast.isArgument(node) || ast.isImportedName(node)) continue;
      const meant = this.services.references.ScopeProvider.meant(node, this.newName);
      if (meant !== undefined) {
        refuse(
          `${this.newName} means ${this.describe(meant)} in ${this.line(node)}, where ${this.subject.name} is used.`,
        );
      }
    }
  }

  private refuseTaken(taken: AstNode): never {
    refuse(`${this.newName} is taken: ${this.line(taken)} has ${this.describe(taken)} of that name.`);
  }

  private refuseCaptured(use: AstNode): never {
    const { name, node } = this.subject;
    refuse(
      `${this.newName} in ${this.line(use)} would mean what is ${name} now, ${this.describe(node)}, and means something else.`,
    );
  }

  private declarationIn(file: ast.File): AstNode | undefined {
    return (
      file.definitions.find((each) => each.name === this.newName) ??
      file.imports.flatMap(({ names }) => names).find((each) => (each.name ?? each.target.$refText) === this.newName)
    );
  }

  private line(node: AstNode): string {
    const { start } = node.$cstNode!.range;
    return lineOf(AstUtils.getDocument(node), start, this.subject.node);
  }

  private describe(node: AstNode): string {
    switch (node.$type) {
      case 'Model':
        return 'a model';
      case 'Block':
      case 'Extern':
        return 'a block';
      case 'ImportedName':
        return 'an import';
      case 'Parameter':
        return 'a parameter';
      case 'Port':
        return 'an input';
      case 'Output':
        return 'an output';
      case 'Weight':
        return (node as ast.Weight).kind === 'buffer' ? 'a buffer' : 'a weight';
      case 'SharedLayer':
        return 'a layer';
      case 'Name':
        return 'a size';
      default:
        return ast.isForStage(node.$container) ? "a loop's variable" : 'a binding';
    }
  }
}
