import type { IToken } from 'chevrotain';
import type { ParameterInformation, SignatureHelp } from 'vscode-languageserver';
import { isName } from '../../grammar/continuation.js';
import { unquote } from '../../grammar/build-context.js';
import * as token from '../../grammar/tokens.js';
import { primitives } from '../../compiler/bind/builtins.js';
import { wordArguments } from '../../compiler/protocol/protocol-text.js';
import { contextAt, type Bracket, type Context } from '../completion/context.js';
import { calledWord } from '../completion/protocols.js';
import { lookUpAt, type Place } from '../place.js';
import { signatureText, symbolSignature, type Signature } from '../signatures.js';

/** The callee of the innermost call around a place whose parameters are known, and the parameter being written. */
export function signatureHelpAt(place: Place): SignatureHelp | undefined {
  const context = contextAt(place.file.source.text, place.offset);
  for (let bracket = context?.bracket; bracket !== undefined; bracket = bracket.outer) {
    const signature = context === undefined ? undefined : signatureOf(place, context, bracket);
    if (signature === undefined || signature.parameters.length === 0) continue;
    const { parameters, doc } = signature;
    const shown = {
      label: signatureText(signature),
      parameters: informationOf(signature),
      ...(doc === undefined ? {} : { documentation: { kind: 'markdown' as const, value: doc } }),
    };
    const active = activeParameter(place, parameters, bracket);
    return { signatures: [shown], activeSignature: 0, ...(active === undefined ? {} : { activeParameter: active }) };
  }
  return undefined;
}

function signatureOf(place: Place, context: Context, bracket: Bracket): Signature | undefined {
  if (bracket.kind !== 'call') return undefined;
  if (context.container !== 'protocol') return symbolSignature(lookUpAt(place, bracket.word), place.analysis);
  const word = calledWord(context, bracket);
  return word === undefined ? undefined : { name: bracket.word, parameters: wordArguments(word), doc: word.doc };
}

/** Parameters as ranges of the label, since one text may contain another. */
function informationOf({ name, parameters }: Signature): ParameterInformation[] {
  let start = name.length + 1;
  return parameters.map(({ text, doc }) => {
    const label: [number, number] = [start, start + text.length];
    start += text.length + ', '.length;
    return { label, ...(doc === undefined ? {} : { documentation: { kind: 'markdown', value: doc } }) };
  });
}

/** The index of the parameter that the argument at a place is for; undefined if there is none. */
function activeParameter(place: Place, parameters: Signature['parameters'], bracket: Bracket): number | undefined {
  const [first, second] = bracket.argument;
  if (first !== undefined && second?.tokenType === token.Colon) {
    return indexOf(parameters, ({ name }) => name === unquote(first.image));
  }
  const position = bracket.positional - leadingTensors(place, bracket);
  const more = indexOf(parameters, ({ text }) => text === '...');
  if (more !== undefined && position > more) return more;
  const next = parameters.filter(({ name }) => name === '' || !bracket.given.includes(name))[position];
  return indexOf(parameters, (each) => each === next);
}

function indexOf<T>(items: readonly T[], wanted: (item: T) => boolean): number | undefined {
  const index = items.findIndex(wanted);
  return index < 0 ? undefined : index;
}

/** The number of tensors at the beginning of a layer's arguments, as in `conv(x, 8, 3)`; a function's are parameters. */
function leadingTensors(place: Place, { word, complete }: Bracket): number {
  const callee = lookUpAt(place, word);
  if (callee?.kind === 'builtin' && !primitives.has(callee.name)) return 0;
  const other = complete.findIndex((argument) => !isTensor(place, argument));
  return other < 0 ? complete.length : other;
}

/** Whether an argument is the name of a tensor. */
function isTensor(place: Place, [name, ...others]: readonly IToken[]): boolean {
  if (name === undefined || others.length > 0 || !isName(name)) return false;
  const symbol = lookUpAt(place, unquote(name.image));
  if (symbol?.kind === 'tensor' || symbol?.kind === 'input') return true;
  if (symbol?.kind !== 'let') return false;
  const occurrences = place.analysis.occurrencesOf(symbol.declaration.value.span);
  return occurrences.some(({ observation }) => observation.value.kind === 'tensor');
}
