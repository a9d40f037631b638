import { CompletionItemKind } from 'vscode-languageserver';
import { isPlainName } from '../../grammar/tokens.js';
import { lookUpAt, type Place } from '../place.js';
import type { Signature } from '../signatures.js';
import type { Container } from './context.js';
import { ranks, type Proposal } from './items.js';

/** A string with places to fill in, in the syntax of the protocol: `${1:name}`; `$0` is where the cursor ends. */
interface Snippet {
  /** The word it begins with, by which it is found. */
  readonly word: string;
  readonly detail: string;
  readonly text: string;
  /** The block of the library that it uses. */
  readonly needs?: string;
}

/** The file of the library that declares the blocks that snippets use. */
const library = 'unet:lib/unet.unet';

/** Whole statements and members, by what they are written in. Their defaults are correct. */
export const snippets: Readonly<Partial<Record<Container, readonly Snippet[]>>> = {
  file: [
    { word: 'use', detail: 'the blocks of the library', text: `use "\${1:${library}}"` },
    {
      word: 'block',
      detail: 'a block of layers',
      text: 'block ${1:name}(${2:out}: int) {\n  x: [C, ...S]\n  x -> conv(${2:out}, ${3:3}) -> ${4:relu}\n}',
    },
    {
      word: 'model',
      detail: 'a U-Net',
      needs: 'concat_up_skip',
      text: [
        'model ${1:Name} {',
        '  input scan: image(${2:T1w})[D, H, W]',
        '  output mask: classes(${3:background, tumour})',
        '  knob width: int = ${4:16}',
        '  encoder {',
        '    widths: [width, 2 * width, 4 * width]',
        '    level(c): ${5:two_convs(c)}',
        '    down: max_pool(2)',
        '  }',
        '  decoder {',
        '    up(c): transposed_conv(c, 2, stride: 2, bias: true)',
        '    fuse: concat_up_skip',
        '    level(c): ${5:two_convs(c)}',
        '  }',
        '  head mask: conv(mask.classes, 1, bias: true)',
        '}',
      ].join('\n'),
    },
    {
      word: 'model',
      detail: 'a variant of a model',
      text: 'model ${1:Name} = ${2:Base} { ${3:knob} = ${4:off} }',
    },
    {
      word: 'protocol',
      detail: 'how networks are trained',
      text: [
        'protocol ${1:Name} {',
        '  patch: random([${2:64, 64, 64}])',
        '  optimizer: adamw(lr: ${3:1e-3})',
        '  loss: dice + cross_entropy',
        '  epochs: ${4:50}',
        '}',
      ].join('\n'),
    },
    {
      word: 'study',
      detail: 'a comparison of networks',
      text: [
        'study ${1:Name} {',
        '  protocol: ${2:Protocol}',
        '  base: ${3:Base}',
        '  variants: ${4:leave_one_out}',
        '  seeds: ${5:1 .. 3}',
        '}',
      ].join('\n'),
    },
  ],
  model: [
    { word: 'input', detail: 'an image', text: 'input ${1:scan}: image(${2:T1w})[${3:D, H, W}]' },
    { word: 'output', detail: 'labels', text: 'output ${1:mask}: classes(${2:background, tumour})' },
    {
      word: 'knob',
      detail: 'a component that can be removed',
      text: 'knob ${1:name}: bool = ${2:true} off ${3:false}',
    },
    {
      word: 'encoder',
      detail: 'the first half of a U',
      text: 'encoder {\n  widths: [${1:16, 32, 64}]\n  level(c): ${2:conv(c, 3)}\n  down: ${3:max_pool(2)}\n}',
    },
    {
      word: 'decoder',
      detail: 'the second half of a U',
      needs: 'concat_up_skip',
      text: 'decoder {\n  up(c): ${1:transposed_conv(c, 2, stride: 2)}\n  fuse: ${2:concat_up_skip}\n  level(c): ${3:conv(c, 3)}\n}',
    },
    { word: 'head', detail: 'the last layers', text: 'head ${1:mask}: conv(${1:mask}.classes, 1, bias: true)' },
  ],
};

/** The snippets for a container, below what may be completed there otherwise; the library is imported if they need it. */
export function snippetProposals(place: Place, container: Container): readonly Proposal[] {
  return (snippets[container] ?? []).map(({ word, detail, text, needs }) => ({
    label: `${word} ...`,
    text: word,
    snippet: text,
    kind: CompletionItemKind.Snippet,
    rank: ranks.word,
    detail,
    ...(needs === undefined || lookUpAt(place, needs) !== undefined ? {} : { use: library }),
  }));
}

/** A call with a place for each required argument: `conv(${1:out}, ${2:kernel})`; undefined without any. */
export function callSnippet(written: string, { parameters }: Signature): string | undefined {
  const required = parameters.filter(({ isRequired }) => isRequired === true);
  if (required.length === 0) return undefined;
  const places = required.map(({ name }, index) => `\${${index + 1}:${isPlainName(name) ? name : ''}}`);
  return `${written.replace(/[\\$}]/g, '\\$&')}(${places.join(', ')})$0`;
}
