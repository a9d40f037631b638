/** The text of every spec of the zoo by its path below `specs/`, written by `scripts/build-playground.ts`. */
export declare const specs: Readonly<Record<string, string>>;
