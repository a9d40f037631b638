/** Evaluates probes: which engines fail, and where. */
import { curveDifference, CURVE } from './loss-curve.js';
import type { EngineProbe } from './probe.js';

/** The engine whose losses are the reference for the others: cpu if it ran, else the first that trained. */
export function referenceCurve(probes: readonly EngineProbe[]): EngineProbe | undefined {
  const trained = probes.filter(({ losses }) => losses !== undefined);
  return trained.find(({ name }) => name === 'cpu') ?? trained[0];
}

/** All failures of an engine that runs here; empty for one that does not run. */
export function failuresOf(probe: EngineProbe, probes: readonly EngineProbe[]): string[] {
  if (!probe.available) return [];
  const faults = probe.failure === undefined ? [] : [probe.failure];
  for (const { case: name, missing } of probe.capabilities) {
    if (missing !== undefined) faults.push(`${name}: no ${missing.part}: ${missing.reason}`);
  }
  for (const { case: name, passed, reason, value, gradient } of probe.checks ?? []) {
    if (passed) continue;
    faults.push(`${name}: ${reason ?? `values differ by ${short(value)}, gradients by ${short(gradient ?? 0)}`}`);
  }
  const reference = referenceCurve(probes);
  if (probe.losses !== undefined && reference?.losses !== undefined) {
    const apart = curveDifference(probe.losses, reference.losses);
    if (!(apart <= CURVE.tolerance))
      faults.push(`training losses differ from those of ${reference.name} by ${short(apart)}`);
  }
  return faults;
}

/** `3.1e-8`. */
export function short(number: number): string {
  return number === 0 ? '0' : Number.isFinite(number) ? number.toExponential(1) : 'not a number';
}
