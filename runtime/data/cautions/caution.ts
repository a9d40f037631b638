import { z } from 'zod';
import { listNames } from '../names.js';

/** Flags that allow what is otherwise an error. */
export const allowances = ['training-cases', 'shared-labels', 'unfinished'] as const;
export type Allowance = (typeof allowances)[number];

export const cautionSchema = z.strictObject({
  /** The code of the page with details (`UNET6034`). */
  code: z.string(),
  /** An error stops the command unless its allowance is given. */
  severity: z.enum(['error', 'warning']),
  /** One or more full sentences. */
  message: z.string(),
  help: z.string(),
  /** Ids of the cases concerned; empty if it concerns all of them. */
  cases: z.array(z.string()),
  /** `training-cases` for `--allow-training-cases`; null for warnings. */
  allow: z.enum(allowances).nullable(),
});

/**
 * A reason why a result may mislead, as plain data: shown by commands, recorded in runs and shown with a study's rows.
 */
export type Caution = z.infer<typeof cautionSchema>;

/** A caution that never stops a command. */
export function warning(code: string, message: string, help: string, cases: readonly string[] = []): Caution {
  return { code, severity: 'warning', message, help, cases: [...cases], allow: null };
}

/** A caution that stops a command unless it is allowed. */
export function refusal(
  allow: Allowance,
  code: string,
  message: string,
  help: string,
  cases: readonly string[],
): Caution {
  return {
    code,
    severity: 'error',
    message,
    help: `${help} Use \`--allow-${allow}\` to continue anyway.`,
    cases: [...cases],
    allow,
  };
}

/** Turns errors that are allowed into warnings. */
export function withAllowances(cautions: readonly Caution[], allowed: readonly Allowance[]): Caution[] {
  return cautions.map((caution) =>
    caution.allow !== null && allowed.includes(caution.allow) ? { ...caution, severity: 'warning' } : caution,
  );
}

/** Names in backticks, at most five of them: `` `a`, `b` and 7 more ``. */
export function someNames(names: readonly string[]): string {
  const rest = names.length - 5;
  return rest > 0 ? `${listNames(names.slice(0, 5))} and ${rest} more` : listNames(names);
}
