/** The sizes of the parts of a diagram, in pixels. */
export const fontSize = { heading: 17, title: 12, small: 10.5, row: 11, label: 11, tag: 9.5 } as const;

export const measure = {
  margin: 24,
  padding: 7,
  titleHeight: 17,
  shapeHeight: 15,
  chipHeight: 22,
  /** Space at both ends of a chip. */
  chipPadding: 12,
  rowHeight: 18,
  rowGap: 2,
  /** Space for the coloured bar before the text of a row, and for a gap after it. */
  rowInset: 15,
  /** Space at the right of repeated rows, for a bracket and `×3`. */
  repeatInset: 26,
  /** The tag of an identifier in a row, and the space around it. */
  tagHeight: 13,
  tagPadding: 5,
  tagInset: 4,
  widestTitle: 190,
  /** A heading may make a narrow diagram this wide. */
  widestHeading: 640,
  narrowest: 480,
  /** From the left edge of a band to its label. */
  labelInset: 8,
  corner: 5,
} as const;
