/** Names that generated code must not use for variables: reserved words, and names that every module uses. */
const taken = [
  ...'arguments await break case catch class const continue debugger default delete do else enum eval export'.split(
    ' ',
  ),
  ...'extends false finally for function if implements import in instanceof interface let new null package'.split(' '),
  ...'private protected public return static super switch this throw true try typeof undefined var void'.split(' '),
  ...'while with yield Infinity NaN Math unet tf at build description options'.split(' '),
  ...'Tensor Layer SizedLayer Fusion SizedFusion'.split(' '),
];

/** Assigns readable variable names that are unique within a scope. */
export class VariableNames {
  private readonly used: Set<string>;
  /** Names of values in the enclosing scope that arrow functions may use. */
  private readonly captured = new Set<string>();

  /** @param outer names of the enclosing scope */
  constructor(outer: Iterable<string> = []) {
    this.used = new Set([...taken, ...outer]);
  }

  /**
   * Returns the name for an id: `encoderLevel2MainConvolution2` for `encoder.level2.main.convolution2`. Only ASCII
   * letters and digits are kept; 2, 3, ... is appended if the name is taken.
   */
  nameFor(id: string): string {
    return this.take(camelCase(id), this.used);
  }

  /** Whether the name for an id is free. */
  isFree(id: string): boolean {
    return !this.used.has(camelCase(id));
  }

  /** A copy in which names can be assigned without reserving them here. */
  copy(): VariableNames {
    const names = new VariableNames(this.used);
    for (const name of this.captured) names.captured.add(name);
    return names;
  }

  /** `nameFor` for a number or a layer, which arrow functions use. */
  captureFor(id: string): string {
    const name = this.nameFor(id);
    this.captured.add(name);
    return name;
  }

  /** The name of an axis unchanged, if it is one word. */
  axisFor(axis: string): string {
    const name = this.take(/^[A-Za-z]\w*$/.test(axis) ? axis : camelCase(axis), this.used);
    this.captured.add(name);
    return name;
  }

  /** The name of an arrow function's parameter: it may shadow a tensor of the enclosing function, but not a number. */
  localName(id: string): string {
    return this.take(camelCase(id), new Set([...taken, ...this.captured]));
  }

  private take(base: string, used: Set<string>): string {
    let name = base;
    const between = /\d$/.test(base) ? '_' : '';
    for (let number = 2; used.has(name); number++) name = `${base}${between}${number}`;
    used.add(name);
    return name;
  }
}

function camelCase(id: string): string {
  const words = id.split(/[^A-Za-z0-9]+/).filter((word) => word !== '');
  const [first = 'tensor', ...others] = words;
  const name = [first.charAt(0).toLowerCase() + first.slice(1), ...others.map(capitalized)].join('');
  return /^[0-9]/.test(name) ? `tensor${name}` : name;
}

function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}
