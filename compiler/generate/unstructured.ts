/** Thrown for a text whose structure generated code cannot have; the network is then written operation by operation. */
export class Unstructured extends Error {}
