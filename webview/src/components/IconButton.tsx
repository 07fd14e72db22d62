import { VSCodeButton } from '@vscode/webview-ui-toolkit/react/index.js';
import type { ReactNode } from 'react';
import { Icon } from './Icon.tsx';

interface IconButtonProps {
  /** A codicon's name. */
  readonly icon: string;
  readonly label: string;
  readonly onClick: () => void;
  /** Of one that switches something on and off. */
  readonly isPressed?: boolean;
  readonly isDisabled?: boolean;
}

/** A button of a toolbar: its label is its tooltip. */
export function IconButton({ icon, label, onClick, isPressed, isDisabled }: IconButtonProps): ReactNode {
  return (
    <VSCodeButton
      appearance="icon"
      className={isPressed === true ? 'pressed' : ''}
      aria-label={label}
      {...(isPressed === undefined ? {} : { 'aria-pressed': isPressed })}
      disabled={isDisabled === true}
      title={label}
      onClick={onClick}
    >
      <Icon name={icon} />
    </VSCodeButton>
  );
}
