/** Sizes of everything that a diagram is made of, in pixels. */
export const fontSize = { heading: 17, title: 12, small: 10.5, row: 11, label: 11 } as const;

export const measure = {
  margin: 24,
  padding: 7,
  titleHeight: 17,
  shapeHeight: 15,
  chipHeight: 22,
  rowHeight: 18,
  rowGap: 2,
  /** Room for a coloured bar before the text of a row, and for air behind it. */
  rowInset: 15,
  /** Room at the right of rows that repeat, for a bracket and `×3`. */
  repeatInset: 26,
  widestTitle: 190,
  corner: 5,
} as const;
