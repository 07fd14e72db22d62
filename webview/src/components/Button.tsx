import { VSCodeButton } from '@vscode/webview-ui-toolkit/react/index.js';
import type { ReactNode } from 'react';

interface ButtonProps {
  readonly children: ReactNode;
  readonly onClick: () => void;
  readonly appearance?: 'primary' | 'secondary';
  readonly isDisabled?: boolean;
  readonly title?: string;
}

export function Button({ children, onClick, appearance = 'secondary', isDisabled, title }: ButtonProps): ReactNode {
  return (
    <VSCodeButton appearance={appearance} disabled={isDisabled === true} onClick={onClick} title={title ?? ''}>
      {children}
    </VSCodeButton>
  );
}
