import type { ReactNode } from 'react';

interface FieldProps {
  readonly title: string;
  /** What is told where the pointer rests on the title. */
  readonly about?: string;
  readonly children: ReactNode;
}

/** A row of a form: what is asked for, and the control that takes it. */
export function Field({ title, about, children }: FieldProps): ReactNode {
  return (
    <div className="field">
      <span title={about}>{title}</span>
      {children}
    </div>
  );
}
