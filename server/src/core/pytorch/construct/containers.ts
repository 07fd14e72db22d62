/** Which class a container is: one of torch's, or one of the generator's own where tensors come or go as a tuple. */
import type { ParallelStage, Stage } from '../../definition.ts';
import { type StagePlan, isItem } from '../../elaborate/names.ts';
import type { ClassScope } from '../scope.ts';
import type { PlannedStages } from './stages.ts';

/** `nn.Sequential`, or one of ours where a stage passes on several tensors. */
export function sequentialClass(scope: ClassScope, stages: readonly Stage[]): string {
  return passesTuples(scope, stages) ? scope.file.helper('TupleSequential', tupleSequential) : 'nn.Sequential';
}

export function passesTuples(scope: ClassScope, stages: readonly Stage[]): boolean {
  return stages.some((stage, i) => {
    const { body } = stage;
    // Branches are a tuple for what stands after them, one alone too.
    if (body.kind === 'parallel' && i + 1 < stages.length) return true;
    if (body.kind === 'if')
      return passesTuples(scope, scope.onlyArm(body) ?? [...body.then, ...(body.otherwise ?? [])]);
    if (body.kind === 'for') return passesTuples(scope, body.stages);
    return scope.inputsOf(stage).length > 1;
  });
}

/** A list or dictionary that `forward` goes through, or inside a module one of ours, that calls its branches itself. */
export function branchesClass(scope: PlannedStages, stage: Stage, body: ParallelStage, plan: StagePlan): string {
  if (plan.module !== 'ModuleList' && plan.module !== 'ModuleDict') return 'nn.Module';
  const base = `nn.${plan.module}`;
  if (typeof plan.name === 'string' && scope.isInClass(stage)) return base;
  const [kind, items] = plan.module === 'ModuleDict' ? ['NamedBranches', 'self.values()'] : ['Branches', 'self'];
  return isElementwise(scope, stage, body)
    ? scope.file.helper(`Element${kind}`, (name) =>
        branches(name, base, ', each for one of the inputs.', `branch(x) for branch, x in zip(${items}, inputs)`),
      )
    : scope.file.helper(kind, (name) =>
        branches(name, base, ': each gets the input, and a tuple comes out.', `branch(*inputs) for branch in ${items}`),
      );
}

/** Whether each branch gets one tensor of a tuple. */
export function isElementwise(scope: ClassScope, stage: Stage, body: ParallelStage): boolean {
  const inputs = scope.inputsOf(stage);
  const takesOne = (branch: readonly Stage[]): boolean => {
    const leaf = firstCall(branch);
    return leaf === undefined || scope.inputsOf(leaf).length <= 1;
  };
  if (inputs.length < 2 || !body.branches.every(takesOne)) return false;
  if (body.branches.some((branch) => branch.length === 1 && !isItem(branch))) {
    scope.impossible(
      stage.range,
      'A tuple goes into these branches one by one, and a loop or condition makes some of them: write each branch by itself.',
    );
  }
  return inputs.length === body.branches.length;
}

/** The call that a chain begins with. */
function firstCall(stages: readonly Stage[]): Stage | undefined {
  const [first] = stages;
  switch (first?.body.kind) {
    case 'call':
      return first;
    case 'group':
    case 'for':
      return firstCall(first.body.stages);
    case 'if':
      return firstCall(first.body.then);
    default:
      return undefined;
  }
}

function tupleSequential(name: string): string[] {
  return [
    `class ${name}(nn.Sequential):`,
    '    """Modules in a row, of which each may pass on several tensors to the next."""',
    '',
    '    def forward(self, *inputs: torch.Tensor) -> torch.Tensor | tuple[torch.Tensor, ...]:',
    '        outputs = inputs if len(inputs) > 1 else inputs[0]',
    '        for module in self:',
    '            outputs = module(*inputs)',
    '            inputs = outputs if isinstance(outputs, tuple) else (outputs,)',
    '        return outputs',
  ];
}

function branches(name: string, base: string, about: string, results: string): string[] {
  return [
    `class ${name}(${base}):`,
    `    """Modules side by side${about}"""`,
    '',
    '    def forward(self, *inputs: torch.Tensor) -> tuple[torch.Tensor, ...]:',
    `        return tuple(${results})`,
  ];
}
