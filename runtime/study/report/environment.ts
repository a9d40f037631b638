import { isDeepStrictEqual } from 'node:util';
import type { StudyEvidence } from '../evidence.js';
import type { ReportEnvironment } from './report.js';

type Machines = ReportEnvironment['machines'];

function machinesOf({ runs }: StudyEvidence): Machines {
  const found: { machine: Omit<Machines[number], 'jobs'>; jobs: number }[] = [];
  for (const { outcome } of runs) {
    const { machine } = outcome.environment;
    const known = found.find((each) => isDeepStrictEqual(each.machine, machine));
    if (known === undefined) found.push({ machine, jobs: 1 });
    else known.jobs++;
  }
  return found.toSorted((a, b) => b.jobs - a.jobs).map(({ machine, jobs }) => ({ ...machine, jobs }));
}

/** Summarises when, where and with what the finished jobs ran. */
export function environmentOf(evidence: StudyEvidence): ReportEnvironment {
  const environments = evidence.runs.map(({ outcome }) => outcome.environment);
  const times = environments.map(({ finished }) => finished).sort();
  const versions = new Map<string, Set<string>>();
  for (const { versions: own } of environments)
    for (const [name, version] of Object.entries(own))
      versions.set(name, (versions.get(name) ?? new Set()).add(version));
  return {
    finished: times.length === 0 ? null : [times[0]!, times.at(-1)!],
    machines: machinesOf(evidence),
    versions: Object.fromEntries([...versions].map(([name, all]) => [name, [...all].sort()])),
  };
}
