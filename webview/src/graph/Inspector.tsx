import { type ReactNode, useState } from 'react';
import type { ViewBox } from '../../../server/src/core/view/view.ts';
import type { NodeDescription, ParameterForm } from '../../../server/src/protocol/describeNode.ts';
import type { GraphEdit } from '../../../server/src/protocol/graphEdit.ts';
import { Button } from '../components/Button.tsx';
import { TextField } from '../components/TextField.tsx';
import { editedPlace, whereAt } from './edits.ts';
import { Field } from './Field.tsx';
import { Interface } from './Interface.tsx';
import { Markdown } from './Markdown.tsx';
import { shortName } from './names.ts';
import { exact } from './numbers.ts';
import { ParameterField } from './ParameterField.tsx';
import { Ports } from './Ports.tsx';
import type { SidePanelProps } from './SidePanel.tsx';

/** What is selected: its arguments as a form, what goes in and comes out, and what can be done with it. */
export function Inspector(props: SidePanelProps): ReactNode {
  const { selected, description, graph } = props;
  const box = selected.at(-1);
  const node = description.of === box?.id ? description.node : undefined;
  if (box === undefined) return <ModelForm {...props} node={node} />;
  if (selected.length > 1) return <Several {...props} />;
  return (
    <>
      <header>
        <h2>
          {box.title}
          {box.name !== undefined && <span className="muted"> {box.name}</span>}
        </h2>
        <p className="muted path">{box.id.replaceAll('/', '.').replaceAll('*', '')}</p>
      </header>
      {box.problem !== undefined && (
        <p className={box.problem.severity} role="status">
          {box.problem.message}
        </p>
      )}
      {node !== undefined && <NodeForm {...props} box={box} node={node} />}
      <Actions {...props} box={box} node={node} definition={graph.modules[0]?.definition} />
    </>
  );
}

interface NodeFormProps extends SidePanelProps {
  readonly box: ViewBox;
  readonly node: NodeDescription;
}

function NodeForm({ host, view, graph, box, node, onPick, onEdit }: NodeFormProps): ReactNode {
  const place = editedPlace(box);
  const module = box.node?.module === undefined ? undefined : graph.modules[box.node.module];
  return (
    <>
      {node.isLabelled && (
        <Field title="label" about="The attribute's name in PyTorch, hence the key in the state_dict">
          <TextField
            label="Label"
            value={node.label ?? ''}
            placeholder={box.node?.key ?? ''}
            onCommit={(label) => {
              onEdit({ kind: 'setLabel', node: place, ...(label.trim() === '' ? {} : { label: label.trim() }) });
            }}
          />
        </Field>
      )}
      {box.port !== undefined && box.form === 'input' && <InputForm box={box} node={node} onEdit={onEdit} />}
      {node.parameters.map((parameter) => (
        <ParameterField
          key={parameter.name}
          parameter={parameter}
          onChange={(value) => {
            onEdit({
              kind: 'setArgument',
              node: place,
              argument: parameter.name,
              ...(value === undefined ? {} : { value }),
            });
          }}
        />
      ))}
      <dl className="facts">
        <Ports view={view} box={box} node={node} onPick={onPick} onEdit={onEdit} />
        {node.formulas.map(({ of, text }) => (
          <div key={of}>
            <dt>{of}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
      {module !== undefined && <Interface key={module.definition} module={module} isModel={false} onEdit={onEdit} />}
      {node.page !== undefined && (
        <Markdown host={host} text={`[All about ${node.page}](command:scv.openLayerPage?%5B%22${node.page}%22%5D)`} />
      )}
    </>
  );
}

function InputForm({ box, node, onEdit }: Pick<NodeFormProps, 'box' | 'node' | 'onEdit'>): ReactNode {
  const place = box.place;
  return (
    <>
      <Field title="name">
        <TextField
          label="Name"
          value={box.title}
          onCommit={(name) => onEdit({ kind: 'setInput', node: place, name })}
        />
      </Field>
      <Field title="shape">
        <TextField
          label="Shape"
          value={node.shape ?? ''}
          placeholder={`[N, ${box.shape?.replaceAll(' × ', ', ') ?? ''}]`}
          onCommit={(shape) => onEdit({ kind: 'setInput', node: place, shape })}
        />
      </Field>
    </>
  );
}

interface ActionsProps extends SidePanelProps {
  readonly box: ViewBox;
  readonly node: NodeDescription | undefined;
  readonly definition: string | undefined;
}

function Actions({ box, onEdit, onText, onPick, onFoldAround }: ActionsProps): ReactNode {
  const node = editedPlace(box);
  const isStage = box.node !== undefined && box.form !== 'value';
  const branch = (join: 'add' | 'concat'): GraphEdit => ({ kind: 'insertBranch', first: node, last: node, join });
  return (
    <div className="actions">
      <Button onClick={() => onText(box)}>Go to Text</Button>
      {box.stack !== undefined && box.stack !== box.id && (
        <Button onClick={() => onFoldAround(box.id)}>Fold the Repeat</Button>
      )}
      {isStage && <Button onClick={() => onEdit({ kind: 'duplicate', node })}>Duplicate</Button>}
      {isStage && (
        <Button
          title="Behind another node (Alt+↑ and Alt+↓: one place on)"
          onClick={() => {
            onPick({
              what: `what ${shortName(box)} shall stand behind`,
              at: box.id,
              edit: (other) => ({ kind: 'move', node, where: whereAt(other) }),
            });
          }}
        >
          Move…
        </Button>
      )}
      {isStage && (
        <Button title="A way around it, added behind it: a residual connection" onClick={() => onEdit(branch('add'))}>
          Add Residual
        </Button>
      )}
      {isStage && (
        <Button title="A way around it, joined along the channels" onClick={() => onEdit(branch('concat'))}>
          Add Branch
        </Button>
      )}
      <Button onClick={() => onEdit({ kind: 'delete', nodes: [node] })}>Delete</Button>
    </div>
  );
}

/** Several nodes: what can be done with them together. */
function Several({ selected, onEdit }: SidePanelProps): ReactNode {
  const [name, setName] = useState('');
  const nodes = selected.map(editedPlace);
  const [first, last] = [nodes[0], nodes.at(-1)];
  return (
    <>
      <header>
        <h2>{selected.length} nodes</h2>
        <p className="muted">{selected.map(({ title }) => title).join(', ')}</p>
      </header>
      <Field title="block">
        <TextField label="Name of the new block" placeholder="a name for it" value={name} onInput={setName} />
      </Field>
      <div className="actions">
        <Button
          appearance="primary"
          onClick={() => onEdit({ kind: 'wrap', nodes, ...(name.trim() === '' ? {} : { name: name.trim() }) })}
        >
          Wrap into Block
        </Button>
        {first !== undefined && last !== undefined && (
          <>
            <Button
              title="A way around them, added behind them"
              onClick={() => onEdit({ kind: 'insertBranch', first, last, join: 'add' })}
            >
              Add Residual
            </Button>
            <Button
              title="A way around them, joined along the channels"
              onClick={() => onEdit({ kind: 'insertBranch', first, last, join: 'concat' })}
            >
              Add Branch
            </Button>
          </>
        )}
        <Button onClick={() => onEdit({ kind: 'delete', nodes })}>Delete</Button>
      </div>
    </>
  );
}

/** Nothing is selected: the model. */
function ModelForm({
  graph,
  node,
  onEdit,
}: SidePanelProps & { readonly node: NodeDescription | undefined }): ReactNode {
  const model = graph.modules[0];
  const change =
    (kind: 'setMetadata' | 'setTrain') =>
    ({ name }: ParameterForm) =>
    (value: string | undefined): void => {
      if (model === undefined) return;
      onEdit({ kind, model: model.definition, key: name, ...(value === undefined ? {} : { value }) });
    };
  return (
    <>
      <header>
        <h2>{graph.name}</h2>
        <p className="muted">{exact(model?.counts.parameters)} parameters</p>
      </header>
      {model !== undefined && <Interface module={model} isModel onEdit={onEdit} />}
      {(node?.metadata ?? []).map((each) => (
        <ParameterField key={each.name} parameter={each} onChange={change('setMetadata')(each)} />
      ))}
      {node?.train !== undefined && <h3>Training</h3>}
      {(node?.train ?? []).map((each) => (
        <ParameterField key={each.name} parameter={each} onChange={change('setTrain')(each)} />
      ))}
    </>
  );
}
