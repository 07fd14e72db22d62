import { VSCodeTextField } from '@vscode/webview-ui-toolkit/react/index.js';
import { type KeyboardEvent, type ReactNode, useEffect, useRef, useState } from 'react';
import { Icon } from './Icon.tsx';

interface TextFieldProps {
  readonly label: string;
  readonly value: string;
  readonly placeholder?: string;
  /** With each key. */
  readonly onInput?: (value: string) => void;
  /** With Enter, and when the field is left with another text. */
  readonly onCommit?: (value: string) => void;
  readonly onCancel?: () => void;
  readonly onKeyDown?: (event: KeyboardEvent) => void;
  /** A codicon before the text. */
  readonly icon?: string;
  readonly takesFocus?: boolean;
  /** Whether ↑ and ↓ count up and down. */
  readonly isNumber?: boolean;
}

/** Its text is its own while one types; a new `value` from outside replaces it. */
export function TextField(props: TextFieldProps): ReactNode {
  const { label, value, placeholder, onInput, onCommit, onCancel, onKeyDown, icon, takesFocus, isNumber } = props;
  const [text, setText] = useState(value);
  const field = useRef<HTMLElement>(null);
  useEffect(() => {
    setText(value);
  }, [value]);
  useEffect(() => {
    // The toolkit gives one a name of its own when it comes into the page.
    field.current?.setAttribute('aria-label', label);
  }, [label]);
  useEffect(() => {
    if (takesFocus === true) field.current?.focus();
  }, [takesFocus]);

  const commit = (): void => {
    if (text !== value) onCommit?.(text);
  };
  const key = (event: KeyboardEvent): void => {
    onKeyDown?.(event);
    if (event.defaultPrevented) return;
    if (event.key === 'Enter') commit();
    if (event.key === 'Escape') {
      setText(value);
      onCancel?.();
    }
    const step = event.key === 'ArrowUp' ? 1 : event.key === 'ArrowDown' ? -1 : 0;
    if (isNumber === true && step !== 0 && /^-?\d+$/.test(text)) {
      setText(String(Number(text) + step));
      event.preventDefault();
    }
  };
  return (
    <VSCodeTextField
      ref={field as never}
      placeholder={placeholder ?? ''}
      value={text}
      onInput={(event) => {
        const next = (event.target as HTMLInputElement).value;
        setText(next);
        onInput?.(next);
      }}
      onKeyDown={key}
      onBlur={commit}
    >
      {icon !== undefined && (
        <span slot="start">
          <Icon name={icon} />
        </span>
      )}
    </VSCodeTextField>
  );
}
