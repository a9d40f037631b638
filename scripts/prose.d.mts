export interface Passage {
  readonly kind: 'comment' | 'message' | 'text';
  readonly line: number;
  readonly prose: string;
}
export declare function proseOfScript(text: string, file: string): Passage[];
export declare function proseOfMarkdown(text: string): Passage[];
export declare function proseOfSpec(text: string): Passage[];
