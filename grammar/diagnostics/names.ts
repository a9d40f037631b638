import { define, type DefinitionTable } from './define.js';

/** A message about one name. */
export interface Named {
  readonly name: string;
}

/** Diagnostics about names and structure (2xxx). Codes are never reused; each has a page in docs/diagnostics. */
export const nameDiagnostics = {
  UNET2001: define({
    severity: 'error',
    title: 'Unknown name',
    message: ({ name }: Named) => `Unknown name \`${name}\`.`,
  }),
  UNET2002: define({
    severity: 'error',
    title: 'Declared twice',
    message: ({ name }: Named) => `\`${name}\` is declared twice.`,
  }),
  UNET2003: define({
    severity: 'error',
    title: 'Name in use',
    message: ({ name, by }: Named & { by: string }) => `\`${name}\` is already the name of ${by}.`,
  }),
  UNET2004: define({
    severity: 'error',
    title: 'Unknown model',
    message: ({ name }: Named) => `Unknown model \`${name}\`.`,
  }),
  UNET2027: define({
    severity: 'error',
    title: 'Unknown protocol',
    message: ({ name }: Named) => `Unknown protocol \`${name}\`.`,
  }),
  UNET2005: define({
    severity: 'error',
    title: 'Wrong letter case',
    message: ({ name, should }: Named & { should: string }) => `\`${name}\` ${should}.`,
  }),
  UNET2006: define({
    severity: 'error',
    title: 'Recursive declaration',
    message: ({ circle }: { circle: string }) => `A declaration must not use itself: ${circle}.`,
  }),
  UNET2007: define({
    severity: 'error',
    title: 'Unknown knob',
    message: ({ name, model }: Named & { model: string }) => `\`${model}\` has no knob \`${name}\`.`,
  }),
  UNET2040: define({
    severity: 'error',
    title: 'Unknown input or output',
    message: ({ what, name, model }: Named & { what: string; model: string }) =>
      `\`${model}\` has no ${what} \`${name}\`, which its variant replaces.`,
  }),
  UNET2008: define({
    severity: 'error',
    title: 'Unknown output',
    message: ({ name }: Named) => `This model does not declare an output \`${name}\`.`,
  }),
  UNET2009: define({
    severity: 'error',
    title: 'Unknown type',
    message: ({ name }: Named) => `\`${name}\` is not a type.`,
  }),
  UNET2010: define({
    severity: 'error',
    title: 'File not found',
    message: ({ path, resolved }: { path: string; resolved: string }) =>
      `"${path}" cannot be read (looked for \`${resolved}\`).`,
  }),
  UNET2011: define({
    severity: 'error',
    title: 'Circular import',
    message: ({ circle }: { circle: string }) => `Circular import: ${circle}.`,
  }),
  UNET2012: define({
    severity: 'error',
    title: 'Missing part',
    message: ({ of, part }: { of: string; part: string }) => `${of} has no ${part}.`,
  }),
  UNET2013: define({
    severity: 'error',
    title: 'Unknown part',
    message: ({ name, half }: Named & { half: string }) => `The ${half} does not have a part \`${name}\`.`,
  }),
  UNET2014: define({
    severity: 'error',
    title: 'Missing `off` value',
    message: ({ name }: Named) => `The knob \`${name}\` does not declare an \`off\` value.`,
  }),
  UNET2015: define({
    severity: 'error',
    title: 'Misplaced `off`',
    message: (_parts: object) => '`off` is only allowed as the value of a knob that is set.',
  }),
  UNET2016: define({
    severity: 'error',
    title: 'Unknown property',
    message: ({ name, of }: Named & { of: string }) => `${of} does not have a property \`${name}\`.`,
  }),
  UNET2017: define({
    severity: 'error',
    title: 'Output without a value',
    message: ({ name }: Named) => `The output \`${name}\` is never assigned a value.`,
  }),
  UNET2018: define({
    severity: 'error',
    title: 'Unknown argument',
    message: ({ name, of }: Named & { of: string }) => `\`${of}\` does not have an argument \`${name}\`.`,
  }),
  UNET2019: define({
    severity: 'error',
    title: 'Missing argument',
    message: ({ name, of }: Named & { of: string }) => `\`${of}\` is missing the argument \`${name}\`.`,
  }),
  UNET2020: define({
    severity: 'error',
    title: 'Too many arguments',
    message: ({ of, takes, given }: { of: string; takes: number; given: number }) =>
      `\`${of}\` accepts ${takes === 0 ? 'no further arguments' : `at most ${takes} more argument${takes === 1 ? '' : 's'}`}, got ${given}.`,
  }),
  UNET2021: define({
    severity: 'error',
    title: 'Argument given twice',
    message: ({ name, of }: Named & { of: string }) => `The argument \`${name}\` of \`${of}\` is given twice.`,
  }),
  UNET2022: define({
    severity: 'error',
    title: 'Block without a result',
    message: ({ name }: Named) => `The block \`${name}\` has no result.`,
  }),
  UNET2023: define({
    severity: 'error',
    title: 'Unused expression',
    message: ({ name }: Named) =>
      `The value of this expression is unused: only the last line of the block \`${name}\` is its result.`,
  }),
  UNET2024: define({
    severity: 'error',
    title: 'Ambiguous name',
    message: ({ name, files }: Named & { files: string }) =>
      `\`${name}\` is declared by several imported files: ${files}.`,
  }),
  UNET2025: define({
    severity: 'error',
    title: 'Unknown choice',
    message: ({ name, what, choices }: Named & { what: string; choices: string }) =>
      `\`${name}\` is not ${what}; expected one of ${choices}.`,
  }),
  UNET2026: define({
    severity: 'error',
    title: 'Used before it is defined',
    message: ({ name }: Named) => `\`${name}\` is used before it is defined.`,
  }),
  UNET2028: define({
    severity: 'error',
    title: 'Misplaced `=`, `:` or `...`',
    message: ({ sign, place }: { sign: string; place: string }) => `\`${sign}\` is not allowed in ${place}.`,
  }),
  UNET2029: define({
    severity: 'error',
    title: 'Misplaced index or loop',
    message: ({ name, problem }: Named & { problem: string }) => `The \`let\` of \`${name}\` ${problem}.`,
  }),
  UNET2030: define({
    severity: 'error',
    title: 'Head without a decoder',
    message: ({ name, problem }: Named & { problem: string }) => `The head of \`${name}\` ${problem}.`,
  }),
} as const satisfies DefinitionTable;
