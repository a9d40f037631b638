/** The language's own words by what they do, written by `scripts/build-playground.ts`. */
export declare const words: {
  readonly declarations: readonly string[];
  readonly control: readonly string[];
  readonly operators: readonly string[];
  readonly constants: readonly string[];
  readonly types: readonly string[];
  readonly functions: readonly string[];
  readonly choices: readonly string[];
};
