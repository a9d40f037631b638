/** Writes `docs/grammar.html`, a railroad diagram for each rule of the grammar. */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { ISerializedGast } from 'chevrotain';
import railroad from 'railroad-diagrams';
import { parser } from '../grammar/parser.js';
import { vocabulary } from '../grammar/tokens.js';

/** What chevrotain tells of a part of a rule. */
interface Part extends Pick<ISerializedGast, 'type'> {
  readonly name?: string;
  readonly definition?: readonly Part[];
  readonly separator?: Part;
}

type Item = object | string;

const labels = new Map(vocabulary.map((type) => [type.name, type.LABEL ?? type.name]));

/** Token types with many spellings, in words; all others are shown as written. */
const inWords: Readonly<Record<string, string>> = {
  Separator: 'line break or ,',
  Infix: 'infix operator',
  Identifier: 'NAME',
  QuotedName: '`NAME`',
  IntegerLiteral: 'INTEGER',
  FloatLiteral: 'FLOAT',
  StringLiteral: '"STRING"',
};

function sequence(parts: readonly Part[]): Item {
  const items = parts.map(itemOf);
  return items.length === 1 ? (items[0] ?? railroad.Skip()) : railroad.Sequence(...items);
}

function itemOf(part: Part): Item {
  const inner = part.definition ?? [];
  switch (part.type) {
    case 'Terminal':
      return railroad.Terminal(tokenText(part.name ?? ''));
    case 'NonTerminal':
      return railroad.NonTerminal(part.name ?? '');
    case 'Alternation':
      return railroad.Choice(0, ...inner.map((each) => sequence(each.definition ?? [])));
    case 'Option':
      return railroad.Optional(sequence(inner));
    case 'Repetition':
      return railroad.ZeroOrMore(sequence(inner));
    case 'RepetitionMandatory':
      return railroad.OneOrMore(sequence(inner));
    case 'RepetitionWithSeparator':
      return railroad.ZeroOrMore(sequence(inner), separatorOf(part));
    case 'RepetitionMandatoryWithSeparator':
      return railroad.OneOrMore(sequence(inner), separatorOf(part));
    default:
      return sequence(inner);
  }
}

function separatorOf({ separator }: Part): Item {
  return separator === undefined ? railroad.Skip() : itemOf(separator);
}

function tokenText(name: string): string {
  return inWords[name] ?? (labels.get(name) ?? name).replace(/^`|`$/g, '');
}

const rules = parser.getSerializedGastProductions() as readonly Part[];

/** A rule's diagram, in which names of rules lead to theirs; boxes of tokens have round corners. */
function diagramOf(rule: Part): string {
  const svg = railroad.Diagram(...(rule.definition ?? []).map(itemOf)).toString();
  const boxes = /<rect((?:(?!rx=)[^>])*)><\/rect>(\s*)<text([^>]*)>(\w+)<\/text>/g;
  return svg.replace(
    boxes,
    (_, box: string, blank: string, place: string, name: string) =>
      `<a href="#${name}"><rect class="rule"${box}></rect>${blank}<text${place}>${name}</text></a>`,
  );
}

const style = `
body { font-family: sans-serif; max-width: 70em; margin: 2em auto; padding: 0 1em; color: #222; background: #fff; }
nav { line-height: 1.8; } nav a { margin-right: 0.6em; } section { overflow-x: auto; }
svg.railroad-diagram path { stroke-width: 2; stroke: #444; fill: none; }
svg.railroad-diagram text { font: bold 14px monospace; text-anchor: middle; }
svg.railroad-diagram a text { fill: #0645ad; text-decoration: underline; }
svg.railroad-diagram rect { stroke-width: 2; stroke: #444; fill: #e8f4e8; }
svg.railroad-diagram rect.rule { fill: #eef2fb; }`;

const page = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<title>The grammar of .unet</title>
<style>${style}
</style>
</head>
<body>
<h1>The grammar of .unet</h1>
<p>One diagram for each rule of the parser. Infix operators are ranked afterwards: loosest first <code>or</code>,
<code>and</code>, comparison, <code>+ -</code>, <code>* /</code>. Where a line break ends a member is told in
<a href="language.md">the language reference</a>, section 1.</p>
<nav>${rules.map(({ name }) => `<a href="#${name}">${name}</a>`).join('\n')}</nav>
${rules.map((rule) => `<section id="${rule.name}">\n<h2>${rule.name}</h2>\n${diagramOf(rule)}\n</section>`).join('\n')}
</body>
</html>
`;

writeFileSync(fileURLToPath(new URL('../docs/grammar.html', import.meta.url)), page);
