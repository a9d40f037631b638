import { wrapLine } from '../text/wrap.js';
import { colours } from './colours.js';

/**
 * Renders Markdown for a terminal: headings, paragraphs, lists, code and emphasis, which is all that the pages of diagnostics
 * contain. (marked-terminal renders all of Markdown, with a parser and a highlighter that would slow every start.)
 */
export function renderMarkdown(text: string, columns: number): string {
  const blocks = blocksOf(text);
  return `${blocks.map((block) => renderBlock(block, columns)).join('\n\n')}\n`;
}

/** Blocks are separated by empty lines, which in fenced code are part of it. */
function blocksOf(text: string): string[] {
  const blocks: string[] = [];
  let current: string[] = [];
  let isCode = false;
  const end = (): void => {
    if (current.length > 0) blocks.push(current.join('\n'));
    current = [];
  };
  for (const line of text.trimEnd().split('\n')) {
    const isFence = line.startsWith('```');
    if (isFence && !isCode) end();
    if (line !== '' || isCode) current.push(line);
    else end();
    if (isFence && isCode) end();
    isCode = isFence !== isCode;
  }
  end();
  return blocks;
}

function renderBlock(block: string, columns: number): string {
  if (block.startsWith('```')) {
    const lines = block.split('\n').slice(1, -1);
    return lines.map((line) => (line === '' ? '' : `    ${colours.cyan(line)}`)).join('\n');
  }
  const heading = /^(#+) (.*)$/.exec(block);
  if (heading !== null) {
    const lines = wrapLine(plain(heading[2]!), columns, 0);
    return lines.map((line) => colours.bold(heading[1] === '#' ? colours.underline(line) : line)).join('\n');
  }
  const items = block.split(/\n(?=(?:[-*]|\d+\.) )/);
  const lines = items.flatMap((item) => {
    const hang = /^(?:[-*]|\d+\.) /.test(item) ? 2 : 0;
    return wrapLine(inline(item.replaceAll(/\n */g, ' ')), columns, hang);
  });
  return lines.join('\n');
}

/** Code, strong text, emphasis and links of a line. */
function inline(text: string): string {
  const parts = text.split(/(`[^`]+`)/);
  return parts.map((part, index) => (index % 2 === 1 ? code(part) : emphasised(part))).join('');
}

/** Code keeps its backticks, which show where it ends without colours. Each word is painted, because lines are broken between words. */
function code(text: string): string {
  return text
    .split(' ')
    .map((word) => colours.cyan(word))
    .join(' ');
}

function emphasised(text: string): string {
  return text
    .replaceAll(/\[([^\]]+)\]\(([^)]+)\)/g, (_, label: string, target: string) =>
      target.startsWith('http') ? `${label} (${target})` : label,
    )
    .replaceAll(/\*\*([^*]+)\*\*/g, (_, strong: string) => colours.bold(strong))
    .replaceAll(/(?<![*\w])\*([^*]+)\*(?![*\w])/g, (_, soft: string) => colours.italic(soft));
}

function plain(text: string): string {
  return text.replaceAll('`', '');
}
