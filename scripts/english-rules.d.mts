export declare const rules: readonly { readonly pattern: RegExp; readonly instead: string }[];
export declare const exceptions: readonly { readonly text: string; readonly reason: string }[];
export declare function findPhrases(
  prose: string,
): { readonly phrase: string; readonly instead: string; readonly index: number }[];
