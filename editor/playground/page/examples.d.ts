/** The examples by group, written by `scripts/build-playground.ts`; paths are below `specs/`. */
export declare const examples: readonly {
  readonly group: string;
  readonly specs: readonly { readonly path: string; readonly title: string }[];
}[];
