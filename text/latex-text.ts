import { printable } from './printable.js';

/** ASCII characters that are special in TeX, or that its fonts show differently. */
const SPECIAL: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '{': '\\{',
  '}': '\\}',
  $: '\\$',
  '&': '\\&',
  '%': '\\%',
  '#': '\\#',
  _: '\\_',
  '^': '\\textasciicircum{}',
  '~': '\\textasciitilde{}',
  '<': '\\textless{}',
  '>': '\\textgreater{}',
  '|': '\\textbar{}',
  '"': '{\\char34}',
  "'": '{\\char39}',
  '`': '{\\char96}',
  '-': '-{}',
  '[': '{[}',
  ']': '{]}',
};

/** Symbols beyond ASCII and accented letters: those that the product writes, and those common in names. */
const SYMBOLS: Readonly<Record<string, string>> = {
  '−': '\\ensuremath{-}',
  '×': '\\ensuremath{\\times}',
  '±': '\\ensuremath{\\pm}',
  '·': '\\ensuremath{\\cdot}',
  '≤': '\\ensuremath{\\leq}',
  '≥': '\\ensuremath{\\geq}',
  '²': '\\textsuperscript{2}',
  '³': '\\textsuperscript{3}',
  '←': '\\ensuremath{\\leftarrow}',
  '→': '\\ensuremath{\\rightarrow}',
  α: '\\ensuremath{\\alpha}',
  β: '\\ensuremath{\\beta}',
  γ: '\\ensuremath{\\gamma}',
  δ: '\\ensuremath{\\delta}',
  ε: '\\ensuremath{\\varepsilon}',
  λ: '\\ensuremath{\\lambda}',
  μ: '\\ensuremath{\\mu}',
  σ: '\\ensuremath{\\sigma}',
  τ: '\\ensuremath{\\tau}',
  Δ: '\\ensuremath{\\Delta}',
  '–': '{\\textendash}',
  '—': '{\\textemdash}',
  '‘': '{\\textquoteleft}',
  '’': '{\\textquoteright}',
  '“': '{\\textquotedblleft}',
  '”': '{\\textquotedblright}',
  '…': '{\\ldots}',
  ß: '{\\ss}',
  æ: '{\\ae}',
  Æ: '{\\AE}',
  œ: '{\\oe}',
  Œ: '{\\OE}',
  ø: '{\\o}',
  Ø: '{\\O}',
  ł: '{\\l}',
  Ł: '{\\L}',
  ı: '{\\i}',
};

/** Accents by their combining character in NFD. */
const ACCENTS: Readonly<Record<string, string>> = {
  '\u0300': '\\`',
  '\u0301': "\\'",
  '\u0302': '\\^',
  '\u0303': '\\~',
  '\u0304': '\\=',
  '\u0306': '\\u',
  '\u0307': '\\.',
  '\u0308': '\\"',
  '\u030a': '\\r',
  '\u030b': '\\H',
  '\u030c': '\\v',
  '\u0327': '\\c',
};

function codePoint(character: string): string {
  return `U+${character.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`;
}

/**
 * Escapes a string so that LaTeX shows it verbatim, in a table, a caption or a paragraph. The result is ASCII only;
 * characters that LaTeX's own fonts lack are written as code points, `U+4E2D`.
 */
export function latexText(text: string): string {
  const pieces: string[] = [];
  for (const character of printable(text).normalize('NFD')) {
    const accent = ACCENTS[character];
    const before = pieces.at(-1) ?? '';
    if (accent !== undefined && /^[A-Za-z]$/.test(before)) pieces[pieces.length - 1] = `${accent}{${before}}`;
    else
      pieces.push(
        SPECIAL[character] ?? SYMBOLS[character] ?? (/[ -~]/.test(character) ? character : codePoint(character)),
      );
  }
  return pieces.join('');
}
