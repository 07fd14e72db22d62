import { type ReactNode, useState } from 'react';
import { Button } from '../components/Button.tsx';
import { TextField } from '../components/TextField.tsx';
import { Field } from './Field.tsx';

interface EmptyProps {
  readonly onCreate: (name: string, shape: string) => void;
  readonly problem: string | undefined;
}

/** A file without a model: one can be made without writing a word. */
export function Empty({ onCreate, problem }: EmptyProps): ReactNode {
  const [name, setName] = useState('Model');
  const [shape, setShape] = useState('[N, 3, 224, 224]');
  return (
    <div className="empty">
      <h2>This file has no model yet.</h2>
      <p>A new one gives out what comes in; drag layers onto its edge then.</p>
      <Field title="Name">
        <TextField label="Name of the model" value={name} onInput={setName} />
      </Field>
      <Field title="Input">
        <TextField label="Shape of its input" value={shape} onInput={setShape} />
      </Field>
      {problem !== undefined && (
        <p className="error" role="alert">
          {problem}
        </p>
      )}
      <Button
        appearance="primary"
        isDisabled={name.trim() === '' || shape.trim() === ''}
        onClick={() => {
          onCreate(name.trim(), shape.trim());
        }}
      >
        New Model
      </Button>
    </div>
  );
}
