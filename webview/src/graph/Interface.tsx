import { type ReactNode, useState } from 'react';
import type { ModuleData } from '../../../server/src/core/view/modelGraph.ts';
import type { GraphEdit } from '../../../server/src/protocol/graphEdit.ts';
import { Button } from '../components/Button.tsx';
import { TextField } from '../components/TextField.tsx';
import { Field } from './Field.tsx';

interface InterfaceProps {
  readonly module: ModuleData;
  /** Only those of a model have a shape of their own. */
  readonly isModel: boolean;
  readonly onEdit: (edit: GraphEdit) => void;
}

/** What goes into a definition and comes out of it, and a further input. */
export function Interface({ module, isModel, onEdit }: InterfaceProps): ReactNode {
  const { definition, inputs, outputs, shapes } = module;
  const [name, setName] = useState('');
  const [shape, setShape] = useState('');
  const given = shape.trim();
  const add = (): void => {
    onEdit({ kind: 'addInput', definition, name: name.trim(), ...(given === '' ? {} : { shape: given }) });
    setName('');
    setShape('');
  };
  return (
    <details className="interface" open={isModel}>
      <summary>{isModel ? 'Inputs and outputs' : `Inputs and outputs of ${module.title}`}</summary>
      <dl className="facts">
        {[...inputs.map((port) => ['in', port] as const), ...outputs.map((port) => ['out', port] as const)].map(
          ([way, port], index) => (
            <div key={`${way}${String(index)}`}>
              <dt>
                {way} {port.name}
              </dt>
              <dd>{shapes[port.tensor]}</dd>
            </div>
          ),
        )}
      </dl>
      <Field title="name">
        <TextField label="Name of a further input" placeholder="mask" value={name} onInput={setName} />
      </Field>
      <Field title="shape">
        <TextField
          label="Shape of a further input"
          placeholder={isModel ? '[N, 3, 224, 224]' : 'any'}
          value={shape}
          onInput={setShape}
        />
      </Field>
      <div className="actions">
        <Button isDisabled={name.trim() === '' || (isModel && given === '')} onClick={add}>
          Add Input
        </Button>
      </div>
    </details>
  );
}
