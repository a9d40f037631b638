import { define, type DefinitionTable } from './define.js';

/** What UNET4007 reports of a batch norm. */
export interface FewValues {
  /** The model. */
  readonly name: string;
  /** Id of the batch norm. */
  readonly op: string;
  /** The number of values per channel. */
  readonly values: number;
  readonly cases: number;
  /** The relative standard error of the variance; undefined for a single value. */
  readonly error: string | undefined;
}

/** Style and no-ops (4xxx). Codes are never reused; each has a page in docs/diagnostics. */
export const styleDiagnostics = {
  UNET4001: define({
    severity: 'warning',
    title: 'Unused declaration',
    message: ({ what, name }: { what: string; name: string }) => `The ${what} \`${name}\` is never used.`,
  }),
  UNET4002: define({
    severity: 'warning',
    title: 'Variant without effect',
    message: ({ name, base }: { name: string; base: string }) =>
      `\`${name}\` is the same network as \`${base}\`: the variant has no effect.`,
  }),
  UNET4003: define({
    severity: 'warning',
    title: 'Redundant setting',
    message: ({ what, name }: { what: string; name: string }) =>
      `The ${what} \`${name}\` already has this ${what === 'knob' ? 'value' : 'type'}.`,
  }),
  UNET4004: define({
    severity: 'warning',
    title: '`off` value without effect',
    message: ({ name, model }: { name: string; model: string }) =>
      `Setting \`${name} = off\` does not change the network of \`${model}\`.`,
  }),
  UNET4005: define({
    severity: 'warning',
    title: 'Unnecessary `unmatched`',
    message: ({ name, protocol }: { name: string; protocol: string }) =>
      `\`${name}\` is declared \`unmatched\` but can follow \`${protocol}\` in every respect.`,
  }),
  UNET4006: define({
    severity: 'warning',
    title: 'Comment in place of a division',
    message: ({ divisor }: { divisor: string }) => `\`${divisor}\` is a comment, so nothing is divided.`,
  }),
  UNET4007: define({
    severity: 'warning',
    title: 'Batch norm of few values',
    message: ({ name, op, values, cases, error }: FewValues) =>
      error === undefined
        ? `\`${op}\` of \`${name}\` has a single value per channel in a batch of ${cases}, so it cannot be trained.`
        : `\`${op}\` of \`${name}\` normalises a batch by ${values} values per channel (${cases === 1 ? 'of a single case' : `of ${cases} cases`}): their variance has a standard error of at least ${error}.`,
  }),
} as const satisfies DefinitionTable;
