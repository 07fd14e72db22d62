import type { LangiumDocument } from 'langium';
import type { SignatureHelpProvider } from 'langium/lsp';
import {
  MarkupKind,
  type ParameterInformation,
  type SignatureHelp,
  type SignatureHelpOptions,
  type SignatureHelpParams,
} from 'vscode-languageserver';
import type { Definition } from '../../core/definition.ts';
import { format, isDimension } from '../../core/dimension.ts';
import { findFunction } from '../../core/elaborate/functions.ts';
import { positionalParameters, textOfParameter } from '../../core/elaborate/words.ts';
import type { Layer, ShapedTensor } from '../../core/layers/layer.ts';
import { type Tensor, isUnknown } from '../../core/tensor.ts';
import type { Analysis } from '../analysis.ts';
import { parsedOf, readDocument } from '../documents.ts';
import type { ScvServices } from '../module.ts';
import { type CallAt, callAt } from './completionContext.ts';
import { type Location, chainAt, isStage, locate } from './locate.ts';

/** A parameter as a signature shows it. */
interface Told {
  readonly name: string;
  readonly label: string;
  readonly doc: string | undefined;
}

/** What the arguments of the call at the cursor are, those that are worked out shown as such. */
export class ScvSignatureHelpProvider implements SignatureHelpProvider {
  readonly signatureHelpOptions: SignatureHelpOptions = { triggerCharacters: ['(', ','], retriggerCharacters: ['='] };
  private readonly analysis: () => Analysis;

  constructor(services: ScvServices) {
    this.analysis = () => services.scv.Analysis;
  }

  provideSignatureHelp(document: LangiumDocument, { position }: SignatureHelpParams): SignatureHelp | undefined {
    const offset = document.textDocument.offsetAt(position);
    const tokens = parsedOf(document)?.tokens.filter(({ startOffset }) => startOffset < offset) ?? [];
    const call = callAt(tokens);
    return call && this.help(document, call);
  }

  private help(document: LangiumDocument, call: CallAt): SignatureHelp | undefined {
    const read = readDocument(document);
    const facts = this.analysis().factsOf(document);
    const location = read && locate(read, call.offset);
    if (facts === undefined || location === undefined) return undefined;
    const found = facts.session.resolve(location.definition, call.callee);
    switch (found.kind) {
      case 'layer': {
        const inputs = this.inputs(document, location);
        return helpFor(
          found.layer.name,
          found.layer.summary,
          parametersOf(found.layer, inputs),
          active(found.layer, call),
        );
      }
      case 'definition': {
        const { name, parameters, documentation } = found.definition;
        const told = parameters.map((parameter) => ({
          name: parameter.name.text,
          label: textOfParameter(parameter),
          doc: parameter.documentation,
        }));
        return helpFor(name.text, documentation, told, activeOf(found.definition, call));
      }
      default:
        return this.functionHelp(call);
    }
  }

  private functionHelp({ callee, positional }: CallAt): SignatureHelp | undefined {
    const found = findFunction(callee);
    if (found === undefined) return undefined;
    const names = found.signature.slice(found.signature.indexOf('(') + 1, found.signature.lastIndexOf(')')).split(', ');
    const told = names.map((name) => ({ name, label: name, doc: undefined }));
    return helpFor(callee, found.summary, told, names[Math.min(positional, names.length - 1)]);
  }

  /** What goes into the stage whose callee stands there, where all uses say the same. */
  private inputs(document: LangiumDocument, location: Location): readonly ShapedTensor[] | undefined {
    const facts = this.analysis().factsOfUse(document, location.definition.id);
    const instances = facts?.instances.get(location.definition.id) ?? [];
    const all = instances.flatMap((instance) => {
      const stage = chainAt(instance.definition, location).findLast(isStage);
      return (stage && instance.facts.get(stage)) ?? [];
    });
    // A use behind a mistake gets nothing that is known.
    const [first, ...others] = all.flatMap(({ inputs }) => (inputs?.every(isShaped) === true ? [inputs] : []));
    return others.every((other) => shapesOf(other) === shapesOf(first)) ? first : undefined;
  }
}

function isShaped(tensor: Tensor): tensor is ShapedTensor {
  return tensor.shape !== undefined;
}

function shapesOf(tensors: readonly Tensor[] | undefined): string {
  return (tensors ?? []).map(({ shape }) => shape?.map((size) => format(size)).join()).join(';');
}

function helpFor(
  name: string,
  summary: string | undefined,
  parameters: readonly Told[],
  activeName: string | undefined,
): SignatureHelp {
  let label = `${name}(`;
  const told = parameters.map((parameter, i): ParameterInformation => {
    const start = label.length + (i === 0 ? 0 : 2);
    label += `${i === 0 ? '' : ', '}${parameter.label}`;
    const { doc } = parameter;
    return {
      label: [start, start + parameter.label.length],
      ...(doc === undefined ? {} : { documentation: { kind: MarkupKind.Markdown, value: doc } }),
    };
  });
  const index = parameters.findIndex((parameter) => parameter.name === activeName);
  return {
    signatures: [
      {
        label: `${label})`,
        parameters: told,
        ...(summary === undefined ? {} : { documentation: { kind: MarkupKind.Markdown, value: summary } }),
      },
    ],
    activeSignature: 0,
    // Beyond the last one: none is marked.
    activeParameter: index < 0 ? parameters.length : index,
  };
}

/** In torch's order. `in_channels ← 64` is worked out. */
function parametersOf({ parameters }: Layer, inputs: readonly ShapedTensor[] | undefined): readonly Told[] {
  return Object.entries(parameters).map(([name, { type, doc, default: standard, infer, variadic }]) => {
    if (infer !== undefined) {
      const value = inputs && infer(inputs, undefined);
      const text = isDimension(value) && !isUnknown(value) ? format(value) : 'worked out';
      return { name, label: `${name} ← ${text}`, doc: `Worked out from what comes in. ${doc}` };
    }
    const label = `${variadic === true ? '*' : ''}${name}: ${type}${standard === undefined ? '' : ` = ${standard}`}`;
    return { name, label, doc };
  });
}

function active(layer: Layer, { name, positional }: CallAt): string | undefined {
  if (name !== undefined) return name;
  const names = positionalParameters(layer, []);
  const last = names.at(-1);
  return names[positional] ?? (last !== undefined && layer.parameters[last]?.variadic === true ? last : undefined);
}

function activeOf({ parameters }: Definition, { name, positional }: CallAt): string | undefined {
  return name ?? parameters[positional]?.name.text;
}
