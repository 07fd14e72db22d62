import { VSCodeDropdown, VSCodeOption } from '@vscode/webview-ui-toolkit/react/index.js';
import type { ReactNode } from 'react';

interface DropdownProps<T extends string> {
  readonly label: string;
  readonly value: T;
  readonly choices: readonly { readonly value: T; readonly title: string }[];
  readonly onChange: (value: T) => void;
}

export function Dropdown<T extends string>({ label, value, choices, onChange }: DropdownProps<T>): ReactNode {
  const change = (event: unknown): void => {
    const { target } = event as { target: { value: string } };
    const choice = choices.find((each) => each.value === target.value);
    // It shows what it is told, not what was chosen last.
    target.value = value;
    if (choice !== undefined && choice.value !== value) onChange(choice.value);
  };
  return (
    <VSCodeDropdown aria-label={label} title={label} value={value} onChange={change}>
      {choices.map((choice) => (
        <VSCodeOption key={choice.value} value={choice.value}>
          {choice.title}
        </VSCodeOption>
      ))}
    </VSCodeDropdown>
  );
}
