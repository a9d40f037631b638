import { define, type DefinitionTable } from './define.js';

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
} as const satisfies DefinitionTable;
