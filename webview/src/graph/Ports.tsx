import type { ReactNode } from 'react';
import type { View, ViewBox } from '../../../server/src/core/view/view.ts';
import type { NodeDescription, PortForm } from '../../../server/src/protocol/describeNode.ts';
import type { GraphEdit } from '../../../server/src/protocol/graphEdit.ts';
import { IconButton } from '../components/IconButton.tsx';
import { editedPlace } from './edits.ts';
import { fullName, shortName } from './names.ts';
import type { Picking } from './picking.ts';

interface PortsProps {
  readonly view: View;
  readonly box: ViewBox;
  readonly node: NodeDescription;
  readonly onPick: (picking: Picking) => void;
  readonly onEdit: (edit: GraphEdit) => void;
}

/** What goes into a node, from where, and what comes out of it; each can be led elsewhere. */
export function Ports({ view, box, node, onPick, onEdit }: PortsProps): ReactNode {
  const place = editedPlace(box);
  const isEnd = box.form === 'input' || box.form === 'output';
  return (
    <>
      {node.inputs.map((port, input) => (
        <Port key={`in${String(input)}`} title="in" port={port} from={sourceOf(view, box, input)}>
          <IconButton
            icon="arrow-swap"
            label={`Take Input ${port.name ?? String(input + 1)} from Elsewhere`}
            onClick={() => {
              onPick({
                what: `what comes into ${fullName(box)}${port.name === undefined ? '' : ` as ${port.name}`}`,
                at: box.id,
                edit: (from) => ({
                  kind: 'rewire',
                  to: { node: place, input },
                  from: { node: editedPlace(from), output: 0 },
                }),
              });
            }}
          />
        </Port>
      ))}
      {node.outputs.map((port, output) => (
        <Port key={`out${String(output)}`} title="out" port={port}>
          {!isEnd && (
            <IconButton
              icon="export"
              label={`Make ${port.name ?? 'It'} an Output`}
              onClick={() => {
                onEdit({ kind: 'addOutput', from: { node: place, output } });
              }}
            />
          )}
        </Port>
      ))}
    </>
  );
}

interface PortProps {
  readonly title: string;
  readonly port: PortForm;
  readonly from?: string | undefined;
  readonly children: ReactNode;
}

function Port({ title, port: { name, shape }, from, children }: PortProps): ReactNode {
  return (
    <div className="port">
      <dt>{name === undefined ? title : `${title} ${name}`}</dt>
      <dd>
        <span>
          {shape}
          {from !== undefined && <span className="muted"> from {from}</span>}
        </span>
        {children}
      </dd>
    </div>
  );
}

function sourceOf({ edges, byId }: View, { id }: ViewBox, input: number): string | undefined {
  const edge = edges.find((each) => each.target === id && each.input === input);
  const source = edge && byId.get(edge.source);
  return source && shortName(source);
}
