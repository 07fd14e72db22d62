/**
 * What a picture is made of, before it is SVG or elements of a page: shapes in pixels, whose colours are roles. A theme
 * gives the roles their colours: VS Code's in the editor, fixed ones in a file.
 */
export type Mark = Rectangle | Path | Circle | Label;

export interface Rectangle {
  readonly kind: 'rectangle';
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly radius: number;
  readonly fill?: Paint;
  readonly stroke?: Paint;
  readonly strokeWidth?: number;
  readonly dashed?: true;
  /** From 0 to 1; 1 where absent. */
  readonly opacity?: number;
  readonly fillOpacity?: number;
}

export interface Path {
  readonly kind: 'path';
  /** SVG path data. */
  readonly d: string;
  readonly fill?: Paint;
  readonly stroke?: Paint;
  readonly strokeWidth?: number;
  readonly dashed?: true;
}

export interface Circle {
  readonly kind: 'circle';
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly fill?: Paint;
  readonly stroke?: Paint;
  readonly strokeWidth?: number;
}

export interface Label {
  readonly kind: 'label';
  readonly x: number;
  /** Of the base line. */
  readonly y: number;
  readonly text: string;
  readonly fill: Paint;
  /** Pixels. */
  readonly size: number;
  readonly isBold?: true;
  readonly anchor: 'start' | 'middle' | 'end';
  /** Figures of one width. */
  readonly isTabular?: true;
  /** Seen only from this zoom on: 0.6 for a second line, 0.35 for small print. */
  readonly fromZoom?: number;
}

export const PAINTS = [
  'canvas',
  'text',
  'muted',
  'faint',
  'card',
  'border',
  'frameBorder',
  'frame',
  'edge',
  'accent',
  'focus',
  'error',
  'warning',
  'onBadge',
  'pill',
  'bar',
  'barTrack',
  'convolution',
  'linear',
  'pooling',
  'activation',
  'normalization',
  'attention',
  'shape',
  'block',
  'heat0',
  'heat1',
  'heat2',
  'heat3',
  'heat4',
] as const;
/** A role of a colour. */
export type Paint = (typeof PAINTS)[number];
