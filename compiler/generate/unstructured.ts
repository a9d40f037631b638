/**
 * Thrown for source text whose structure generated code cannot express; the network is then written operation by
 * operation.
 */
export class Unstructured extends Error {}
