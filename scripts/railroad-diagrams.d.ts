declare module 'railroad-diagrams' {
  /** A part of a diagram, or literal text. */
  type Item = object | string;
  interface Railroad {
    Diagram(...items: readonly Item[]): { toString(): string };
    Sequence(...items: readonly Item[]): Item;
    Choice(normal: number, ...items: readonly Item[]): Item;
    Optional(item: Item, skip?: 'skip'): Item;
    OneOrMore(item: Item, repeat?: Item): Item;
    ZeroOrMore(item: Item, repeat?: Item): Item;
    Terminal(text: string): Item;
    NonTerminal(text: string): Item;
    Comment(text: string): Item;
    Skip(): Item;
  }
  const railroad: Railroad;
  export default railroad;
}
