import type { ReactNode } from 'react';
import type { ParameterForm } from '../../../server/src/protocol/describeNode.ts';
import { Dropdown } from '../components/Dropdown.tsx';
import { TextField } from '../components/TextField.tsx';
import { pairOf, pairText } from './pairs.ts';

interface ParameterFieldProps {
  readonly parameter: ParameterForm;
  /** Without a value: it is left out, so that its default holds. */
  readonly onChange: (value: string | undefined) => void;
}

/** A control for the type of the parameter; whatever it is, an expression may be written. */
export function ParameterField({ parameter, onChange }: ParameterFieldProps): ReactNode {
  const { name, documentation, inferred, type } = parameter;
  return (
    <div className={inferred === undefined ? 'field' : 'field inferred'}>
      <span title={[type, documentation].filter(Boolean).join('\n\n')}>{name}</span>
      <Control parameter={parameter} onChange={onChange} />
    </div>
  );
}

function Control({ parameter, onChange }: ParameterFieldProps): ReactNode {
  const { name, type, written, standard, inferred, choices } = parameter;
  const change = (text: string): void => {
    onChange(text.trim() === '' ? undefined : text.trim());
  };
  const isChoice = written === undefined || choices?.includes(written) === true;
  // Words beside numbers (`padding="same"`) are written as text.
  if (choices !== undefined && isChoice && !/^int|^float/.test(type)) {
    const none = { value: '', title: standard === undefined ? 'choose…' : `${standard} (default)` };
    const own = choices.filter((choice) => choice !== standard || choice === written);
    return (
      <Dropdown
        label={name}
        value={written ?? ''}
        choices={[none, ...own.map((choice) => ({ value: choice, title: choice }))]}
        onChange={change}
      />
    );
  }
  const pair = type.includes('(int, int)') ? pairOf(written ?? standard) : undefined;
  if (pair !== undefined && written !== undefined) {
    return (
      <span className="pair">
        {(['height', 'width'] as const).map((side, index) => (
          <TextField
            key={side}
            label={`${name}, ${side}`}
            value={pair[index]!}
            isNumber
            onCommit={(text) => {
              if (text.trim() === '') onChange(undefined);
              else onChange(pairText(index === 0 ? [text, pair[1]] : [pair[0], text]));
            }}
          />
        ))}
      </span>
    );
  }
  return (
    <TextField
      label={name}
      value={written ?? ''}
      placeholder={inferred === undefined ? (standard ?? '') : `${inferred} from the input`}
      isNumber={type.startsWith('int')}
      onCommit={change}
    />
  );
}
