/** Names the generated module must not give to a tensor: the language's words, and what the module itself uses. */
const taken = [
  ...'arguments await break case catch class const continue debugger default delete do else enum eval export'.split(
    ' ',
  ),
  ...'extends false finally for function if implements import in instanceof interface let new null package'.split(' '),
  ...'private protected public return static super switch this throw true try typeof undefined var void'.split(' '),
  ...'while with yield Infinity NaN unet tf build description options'.split(' '),
];

/** Hands out variable names that are readable and unique in one module. */
export class VariableNames {
  private readonly used = new Set(taken);

  /**
   * The name for an id such as `encoder.level2.main.convolution2`: `encoderLevel2MainConvolution2`. Only ASCII letters
   * and digits of the id are kept; a name that is taken already gets `_2`, `_3`, ... behind it.
   */
  nameFor(id: string): string {
    const base = camelCase(id);
    let name = base;
    for (let number = 2; this.used.has(name); number++) name = `${base}_${number}`;
    this.used.add(name);
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
