/** Weights and buffers of a class's own, and what they are filled with. */
import type { Expression, WeightStatement } from '../../definition.ts';
import { findInitialiser } from '../../layers/initialisers.ts';
import { printArguments } from '../expression.ts';
import { attribute, isMangled, stringLiteral } from '../python.ts';
import type { ClassScope } from '../scope.ts';

export function constructWeight(scope: ClassScope, statement: WeightStatement): void {
  const { name, shape, initialiser, kind, frozen } = statement;
  const { init } = scope;
  // A scalar has no sizes, but torch.empty() asks for them.
  const sizes = shape.items.length === 0 ? '()' : shape.items.map((item) => scope.printInt(item)).join(', ');
  const target = attribute(name.text);
  if (kind === 'buffer') {
    init.call(`self.register_buffer(${stringLiteral(name.text)}, ${bufferValue(scope, statement, sizes)})`);
    return;
  }
  const callee = calleeOf(initialiser);
  const known = callee === undefined ? undefined : findInitialiser(callee, 'weight');
  const flags = frozen ? ', requires_grad=False' : '';
  const value = known?.make ?? (known === undefined ? 'torch.zeros' : 'torch.empty');
  const parameter = `nn.Parameter(${value}(${sizes})${flags})`;
  if (isMangled(name.text)) init.call(`self.register_parameter(${stringLiteral(name.text)}, ${parameter})`);
  else init.assign(target, parameter);
  if (known?.initialise !== undefined) init.call(filled(scope, known.initialise, target, initialiser));
}

function bufferValue(scope: ClassScope, statement: WeightStatement, sizes: string): string {
  const { initialiser, module } = statement;
  const callee = calleeOf(initialiser);
  if (module !== undefined && initialiser !== undefined)
    return `${scope.file.importFrom(module.value, callee ?? '')}(${argumentsOf(scope, initialiser)})`;
  const type = scope.fact(statement)?.value;
  const isInt = type?.kind === 'tensor' && type.tensor.type === 'int64';
  const dtype = isInt ? ', dtype=torch.int64' : '';
  switch (callee) {
    case 'Arange':
      return isInt ? `torch.arange(${sizes})` : `torch.arange(${sizes}, dtype=torch.float32)`;
    case 'Eye':
      return `torch.eye(${sizes}${dtype})`;
    case 'Tril':
    case 'Triu':
      return `torch.${callee.toLowerCase()}(torch.ones(${sizes}${dtype}))`;
    default: {
      const known = callee === undefined ? undefined : findInitialiser(callee, 'buffer');
      if (known?.function !== undefined) {
        const { name, source } = known.function;
        return `${scope.file.helper(name, () => source.split('\n'))}(${argumentsOf(scope, initialiser)})`;
      }
      if (known?.initialise === undefined) return `${known?.make ?? 'torch.zeros'}(${sizes}${dtype})`;
      return filled(scope, known.initialise, `torch.empty(${sizes}${dtype})`, initialiser);
    }
  }
}

/** The call that fills a tensor: `nn.init.normal_(self.weight, std=0.02)`. */
function filled(scope: ClassScope, initialise: string, tensor: string, initialiser: Expression | undefined): string {
  const given = argumentsOf(scope, initialiser);
  return `${initialise}(${given === '' ? tensor : `${tensor}, ${given}`})`;
}

function calleeOf(initialiser: Expression | undefined): string | undefined {
  if (initialiser?.kind === 'name') return initialiser.name.text;
  return initialiser?.kind === 'call' ? initialiser.callee.text : undefined;
}

function argumentsOf(scope: ClassScope, initialiser: Expression | undefined): string {
  return initialiser?.kind === 'call' ? printArguments(initialiser.arguments, scope.initEnvironment) : '';
}
