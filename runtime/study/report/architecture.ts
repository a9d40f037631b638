/** A difference from the base. */
export interface ArchitectureChange {
  /** `− removed` */
  readonly change: string;
  /** The id of the module. */
  readonly module: string;
  /** What it is and was. */
  readonly what: string;
  /** The difference in parameters: `−13,968`. */
  readonly params: string;
}

/** How a row's network is shown: drawn by the compiler, which the runtime does not load. */
export interface Architecture {
  /** The name of the row. */
  readonly variant: string;
  readonly drawing:
    | {
        /** An SVG document of ours; for a variant, with the differences from the base marked. */
        readonly svg: string;
        /** What differs from the base; undefined for the base and for rivals. */
        readonly changes?: readonly ArchitectureChange[];
      }
    /** Why there is none, as a sentence. */
    | { readonly problem: string };
}
