/** The sizes of the style, in pixels at a zoom of 100 %. The layout computes with them, and the drawing draws by them. */

export const CARD = { width: 240, height: 42 } as const;
/** A card of a weight or buffer. */
export const VALUE = { width: 190, height: 42 } as const;
/** The circle of `+` and `×`. */
export const OPERATOR = { width: 26, height: 26 } as const;
/** The pill of `concat`. */
export const PILL = { width: 76, height: 26 } as const;
/** The pills of inputs and outputs. */
export const PORT = { width: 168, height: 30 } as const;

export const FRAME = {
  /** Between a frame's border and what is inside. */
  padding: 14,
  /** The row of a frame's title. */
  title: 28,
  /** Between the title and the first card. */
  inset: 10,
  /** Between the last card and the border: below an operator there is room for the shape that it makes. */
  bottom: 22,
} as const;

export const GAP = {
  /** Between two rows. */
  row: 22,
  /** Between two columns. */
  column: 24,
  /** Between two rails, and between a rail and a box. */
  rail: 14,
  /** Between two horizontal lines in the gap of two rows. */
  lane: 8,
} as const;

/** The radius of a line's corners: the layout leaves room for it. */
export const CORNER = 8;
