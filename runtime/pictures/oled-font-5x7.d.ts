declare module 'oled-font-5x7' {
  const font: {
    readonly width: number;
    readonly height: number;
    /** `width` bytes a glyph, one a column, the lowest bit on top. */
    readonly fontData: readonly number[];
    /** The characters in the order of their glyphs. */
    readonly lookup: readonly string[];
  };
  export default font;
}
