/** The text of every spec of the package by its path below `specs/`, written by `scripts/build-playground.ts`. */
export declare const specs: Readonly<Record<string, string>>;
export declare const version: string;
