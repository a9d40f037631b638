import { CompletionItemKind, type CompletionItem } from 'vscode-languageserver';
import { writtenName } from '../../grammar/diagnostics/suggest.js';
import type { Symbol } from '../../compiler/bind/symbol.js';
import { baseSignature, declarationText, signatureText } from '../signatures.js';

/** A proposal before it is positioned in the text; lower ranks come first. */
export interface Proposal {
  readonly label: string;
  readonly text: string;
  readonly kind: CompletionItemKind;
  readonly rank: number;
  readonly detail?: string;
  readonly doc?: string | undefined;
}

/** Proposals that only this position accepts, then the text's own names, built-in names, keywords. */
export const ranks = { here: 0, local: 1, used: 2, base: 3, word: 4 } as const;

export function word(label: string, detail = 'keyword', text = label): Proposal {
  return { label, text, kind: CompletionItemKind.Keyword, rank: ranks.word, detail };
}

export function choice(label: string, detail: string): Proposal {
  return { label, text: label, kind: CompletionItemKind.EnumMember, rank: ranks.here, detail };
}

/** A name without a symbol in the compiler: an axis, a class, a part. */
export function plain(label: string, kind: CompletionItemKind, detail: string, text = writtenName(label)): Proposal {
  return { label, text, kind, rank: ranks.here, detail };
}

const kinds: Record<Symbol['kind'], CompletionItemKind> = {
  block: CompletionItemKind.Function,
  model: CompletionItemKind.Class,
  protocol: CompletionItemKind.Class,
  study: CompletionItemKind.Class,
  parameter: CompletionItemKind.Variable,
  tensor: CompletionItemKind.Variable,
  param: CompletionItemKind.Field,
  let: CompletionItemKind.Variable,
  knob: CompletionItemKind.Property,
  input: CompletionItemKind.Interface,
  output: CompletionItemKind.Interface,
  list: CompletionItemKind.Variable,
  loop: CompletionItemKind.Variable,
  levels: CompletionItemKind.Variable,
  depth: CompletionItemKind.Variable,
  builtin: CompletionItemKind.Function,
  foreign: CompletionItemKind.Text,
};

/** A name as it would be written, with its kind. */
export function nameProposal(name: string, symbol: Symbol): Proposal {
  const signature = symbol.kind === 'builtin' ? baseSignature(name) : undefined;
  const declaration = 'declaration' in symbol ? symbol.declaration : undefined;
  const doc = declaration !== undefined && 'doc' in declaration ? declaration.doc : signature?.doc;
  const text = declaration === undefined ? undefined : declarationText(declaration);
  return {
    label: name,
    text: writtenName(name),
    kind: kinds[symbol.kind],
    rank: symbol.kind === 'builtin' ? ranks.base : symbol.kind === 'block' ? ranks.used : ranks.local,
    detail: text ?? (signature === undefined ? symbol.kind : signatureText(signature)),
    doc,
  };
}

/** Converts a proposal for the protocol. */
export function toItem({ label, text, kind, rank, detail, doc }: Proposal, range: CompletionRange): CompletionItem {
  return {
    label,
    kind,
    sortText: `${rank} ${label}`,
    filterText: text,
    textEdit: { range, newText: text },
    ...(detail === undefined ? {} : { detail }),
    ...(doc === undefined ? {} : { documentation: { kind: 'markdown', value: doc } }),
  };
}

type CompletionRange = Extract<NonNullable<CompletionItem['textEdit']>, { range: unknown }>['range'];
