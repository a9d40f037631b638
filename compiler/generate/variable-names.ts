/** Names that generated code must not give to anything: the language's words, and what every module itself uses. */
const taken = [
  ...'arguments await break case catch class const continue debugger default delete do else enum eval export'.split(
    ' ',
  ),
  ...'extends false finally for function if implements import in instanceof interface let new null package'.split(' '),
  ...'private protected public return static super switch this throw true try typeof undefined var void'.split(' '),
  ...'while with yield Infinity NaN Math unet tf at build description options'.split(' '),
  ...'Tensor Layer SizedLayer Fusion SizedFusion'.split(' '),
];

/** Hands out variable names that are readable and unique in one scope. */
export class VariableNames {
  private readonly used: Set<string>;
  /** Names of values that arrow functions may use from outside. */
  private readonly captured = new Set<string>();

  /** @param outer names of the scope around this one */
  constructor(outer: Iterable<string> = []) {
    this.used = new Set([...taken, ...outer]);
  }

  /**
   * The name for an id such as `encoder.level2.main.convolution2`: `encoderLevel2MainConvolution2`. Only ASCII letters
   * and digits of the id are kept; a name that is taken already is followed by 2, 3, ...
   */
  nameFor(id: string): string {
    return this.take(camelCase(id), this.used);
  }

  /** Whether the name for an id is not taken. */
  isFree(id: string): boolean {
    return !this.used.has(camelCase(id));
  }

  /** Names that are handed out without becoming taken here. */
  copy(): VariableNames {
    const names = new VariableNames(this.used);
    for (const name of this.captured) names.captured.add(name);
    return names;
  }

  /** `nameFor` a number or a layer, which arrow functions use. */
  captureFor(id: string): string {
    const name = this.nameFor(id);
    this.captured.add(name);
    return name;
  }

  /** The name of an axis as it is, if it is one word. */
  axisFor(axis: string): string {
    const name = this.take(/^[A-Za-z]\w*$/.test(axis) ? axis : camelCase(axis), this.used);
    this.captured.add(name);
    return name;
  }

  /** The name of an arrow function's parameter: it may hide a tensor of the function around it, but not a number. */
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
