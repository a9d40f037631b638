import { SymbolKind, type DocumentSymbol } from 'vscode-languageserver';
import type { Expression, FileNode, Node } from '../../grammar/ast.js';
import { joinSpans, type Span } from '../../grammar/source.js';
import { nameOf } from '../../compiler/bind/references.js';
import { isList } from '../../compiler/bind/bind.js';
import { printExpression } from '../../grammar/print.js';
import { toRange } from '../text/positions.js';

/** The statements of a file and their declarations. */
export function outlineOf(file: FileNode): DocumentSymbol[] {
  return file.statements.flatMap(outlineNode);
}

function outlineNode(node: Node): DocumentSymbol[] {
  switch (node.kind) {
    case 'Block':
      return named(node, SymbolKind.Function, 'block', node.members);
    case 'Model':
      return named(node, SymbolKind.Class, 'model', node.members);
    case 'Variant':
      return named(node, SymbolKind.Class, `variant of ${node.base.name}`, []);
    case 'Protocol':
      return named(node, SymbolKind.Object, 'protocol', node.entries);
    case 'Study':
      return named(node, SymbolKind.Object, 'study', node.entries);
    case 'Input':
    case 'Output':
      return named(node, SymbolKind.Interface, node.kind.toLowerCase(), []);
    case 'Knob':
      return named(node, SymbolKind.Property, detailOf(node.value), []);
    case 'Half': {
      const word = { ...node.span, end: node.span.start + node.half.length };
      return symbolOf(node.half, word, node.span, SymbolKind.Namespace, '', node.members);
    }
    case 'Part':
      return named(node, isList(node) ? SymbolKind.Array : SymbolKind.Method, detailOf(node.value), []);
    case 'Head':
    case 'Aux':
      return symbolOf(node.output.name, node.output.span, node.span, SymbolKind.Event, node.kind.toLowerCase(), []);
    case 'Penalty':
      return named(node, SymbolKind.Event, 'penalty', []);
    case 'Tensor':
      return named(node, SymbolKind.Variable, 'tensor', []);
    case 'Param':
      return named(node, SymbolKind.Field, 'param', []);
    case 'Let':
      return named(node, SymbolKind.Variable, '', []);
    case 'Entry':
      return named(node, SymbolKind.Property, detailOf(node.value), []);
    case 'StudyEntry':
      return named(node, SymbolKind.Property, detailOf(...node.values.map(({ value }) => value)), []);
    default:
      return [];
  }
}

function named(node: Node, kind: SymbolKind, detail: string, children: readonly Node[]): DocumentSymbol[] {
  const name = nameOf(node);
  return name === undefined ? [] : symbolOf(name.name, name.span, node.span, kind, detail, children);
}

/** The protocol requires a name, with a range inside that of the whole symbol. */
function symbolOf(
  name: string,
  place: Span,
  whole: Span,
  kind: SymbolKind,
  detail: string,
  children: readonly Node[],
): DocumentSymbol[] {
  if (name === '') return children.flatMap(outlineNode);
  return [
    {
      name,
      detail,
      kind,
      range: toRange(joinSpans(whole, place)),
      selectionRange: toRange(place),
      children: children.flatMap(outlineNode),
    },
  ];
}

/** Longer values are truncated. */
const longestDetail = 60;

function detailOf(...values: readonly Expression[]): string {
  const text = values.map(printExpression).join(', ');
  return text.length > longestDetail ? `${text.slice(0, longestDetail - 3)}...` : text;
}
