import { define, type DefinitionTable } from './define.js';

/** Style and no-ops (4xxx). Codes are never reused; each has a page in docs/diagnostics. */
export const styleDiagnostics = {
  UNET4001: define({
    severity: 'warning',
    title: 'Declared and not used',
    message: ({ what, name }: { what: string; name: string }) => `The ${what} \`${name}\` is never used.`,
  }),
  UNET4002: define({
    severity: 'warning',
    title: 'Variant without effect',
    message: ({ name, base }: { name: string; base: string }) =>
      `\`${name}\` is the same network as \`${base}\`: the variant changes nothing.`,
  }),
  UNET4003: define({
    severity: 'warning',
    title: 'Knob set to the value it had',
    message: ({ name }: { name: string }) => `The knob \`${name}\` already has this value.`,
  }),
  UNET4004: define({
    severity: 'warning',
    title: 'Removal without effect',
    message: ({ name, model }: { name: string; model: string }) =>
      `\`${model}\` with \`${name} = off\` is the same network as without.`,
  }),
  UNET4005: define({
    severity: 'warning',
    title: 'Unmatched without need',
    message: ({ name, protocol }: { name: string; protocol: string }) =>
      `\`${name}\` is declared unmatched, and can follow \`${protocol}\` in everything.`,
  }),
} as const satisfies DefinitionTable;
