import {
  CompletionItemKind,
  InsertTextFormat,
  type CompletionItem,
  type Range,
  type TextEdit,
} from 'vscode-languageserver';
import type { FileNode } from '../../grammar/ast.js';
import { writtenName } from '../../grammar/diagnostics/suggest.js';
import { addUse } from '../../compiler/bind/importable.js';
import type { Symbol } from '../../compiler/bind/symbol.js';
import { declarationText, signatureText, symbolSignature, type Signature } from '../signatures.js';
import { toRange } from '../text/positions.js';

/** A proposal before it is positioned in the text; lower ranks come first. */
export interface Proposal {
  readonly label: string;
  readonly text: string;
  readonly kind: CompletionItemKind;
  readonly rank: number;
  readonly detail?: string;
  readonly doc?: string | undefined;
  /** The text with places to fill in, for clients that support it. */
  readonly snippet?: string | undefined;
  /** The parameters of a name that is called. */
  readonly signature?: Signature | undefined;
  /** The file to import along with the name. */
  readonly use?: string;
}

/** Proposals that only this position accepts, then the text's own names, built-in names, keywords, names to import. */
export const ranks = { here: 0, local: 1, used: 2, base: 3, word: 4, imported: 5 } as const;

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
  const signature = symbolSignature(symbol);
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
    signature,
  };
}

/** Where a completion is inserted. */
export interface Insertion {
  readonly file: FileNode;
  readonly range: Range;
  /** Whether the client supports snippets. */
  readonly snippets: boolean;
}

/** Converts a proposal for the protocol. */
export function toItem(proposal: Proposal, { file, range, snippets }: Insertion): CompletionItem {
  const { label, text, kind, rank, detail, doc, use } = proposal;
  const snippet = snippets ? proposal.snippet : undefined;
  return {
    label,
    kind,
    sortText: `${rank} ${label}`,
    filterText: text,
    textEdit: { range, newText: snippet ?? text },
    ...(snippet === undefined ? {} : { insertTextFormat: InsertTextFormat.Snippet }),
    ...(detail === undefined ? {} : { detail }),
    ...(doc === undefined ? {} : { documentation: { kind: 'markdown', value: doc } }),
    ...(use === undefined ? {} : { labelDetails: { description: use }, additionalTextEdits: [importEdit(file, use)] }),
  };
}

function importEdit(file: FileNode, use: string): TextEdit {
  const { span, text } = addUse(file, use);
  return { range: toRange(span), newText: text };
}
