/**
 * Phrases that make our English read as translated, each with what to write instead. A pattern matches words as they are
 * printed: code between backticks is removed first.
 */
export const rules = [
  {
    pattern: /\b(?<!there )(?:is|are|was) no (?!longer|more|less|different|fewer|larger|smaller)[a-z]/i,
    instead: 'is not a',
  },
  { pattern: /\bunless (?:told|said)\b/i, instead: 'by default, defaults to' },
  { pattern: /\bwhere (?:it is |they are )?left out\b|\bas written where\b/i, instead: 'by default, defaults to' },
  { pattern: /\bwhere there (?:is|are) none\b/i, instead: 'if there is none' },
  { pattern: /\bso many\b/i, instead: 'N, the number of' },
  { pattern: /\b(?:go|goes|going|gone|went) on\b/i, instead: 'resumes, continues' },
  { pattern: /\bstands?\b(?! for\b|-in\b)/i, instead: 'is' },
  {
    pattern: /\b(?:is|are) said\b|\b(?:file|entry|header|protocol|spec|study|message) says\b/i,
    instead: 'contains, specifies',
  },
  { pattern: /\b(?:is|are|be|was) told\b/i, instead: 'is reported' },
  { pattern: /\bheed(?:s|ed)?\b/i, instead: 'supports' },
  { pattern: /\banew\b/i, instead: 'again' },
  { pattern: /\bby itself\b|\bby themselves\b/i, instead: 'alone' },
  { pattern: /\blikewise\b/i, instead: 'also' },
  { pattern: /\bwhat computes\b/i, instead: 'the compute backend' },
  { pattern: /\bwhat is wrong\b|\bthat is wrong\b/i, instead: 'the errors' },
  { pattern: /\ba fault\b|\bfaults\b|\bfaulty\b/i, instead: 'an error, a bug, an invalid value' },
  { pattern: /\ba text\b|\btexts\b/i, instead: 'a string' },
  { pattern: /\bby luck\b/i, instead: 'by chance' },
  { pattern: /\bperhaps\b/i, instead: 'optional' },
  { pattern: /\bneeds? not to be\b|\bto be made\b/i, instead: 'the specific verb' },
  { pattern: /\bmost (?:jobs|patches|pixels) (?:at|that)\b/i, instead: 'the maximum number of' },
  {
    pattern:
      /\b(?:colou?r(?<=color)|behavior|neighbor|favor|center|gray|analyze|catalog|fulfill|labeled|modeling)(?:s|ed|ing)?\b/i,
    instead: 'British spelling',
  },
  {
    pattern:
      /\b(?:normal|initial|optim|organ|recogn|summar|minim|maxim|serial|synchron|visual)iz(?:e[ds]?|ing|ation)\b/i,
    instead: 'British spelling (-ise)',
  },
];

/** Occurrences of a phrase that are right. Every entry states why. */
export const exceptions = [{ text: 'stands in for', reason: 'the idiom: takes the place of' }];

/**
 * Finds the phrases in a passage of prose.
 * @param {string} prose text as a person reads it; code between backticks is ignored
 * @returns {{ phrase: string, instead: string, index: number }[]} in the order of the rules
 */
export function findPhrases(prose) {
  const blank = (code) => code.replace(/[^\n]/g, ' ');
  let text = prose.replace(/``?[^`\n]*``?/g, blank);
  for (const { text: allowed } of exceptions) text = text.replaceAll(allowed, blank);
  return rules.flatMap(({ pattern, instead }) => {
    const found = [...text.matchAll(new RegExp(pattern, 'gi'))];
    return found.map((match) => ({ phrase: match[0], instead, index: match.index }));
  });
}
