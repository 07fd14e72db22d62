import '@vscode/codicons/dist/codicon.css';
import type { ReactNode } from 'react';

/** A codicon. Says nothing to screen readers: what stands beside it, or around it, does. */
export function Icon({ name }: { readonly name: string }): ReactNode {
  return <span className={`codicon codicon-${name}`} aria-hidden="true" />;
}
