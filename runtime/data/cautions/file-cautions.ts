import { counted } from '../../../text/count.js';
import { groupBy } from '../group-by.js';
import type { HeaderWarning } from '../types.js';
import { type Caution, someNames, warning } from './caution.js';
import { allFacts, type CautionSubject } from './subject.js';

interface Found extends HeaderWarning {
  readonly id: string;
  readonly file: 'image' | 'label';
}

/** Ordered by id, so that the folds of a study report the same warnings for the same cases. */
function findWarnings(subject: CautionSubject): Found[] {
  const cases = [...allFacts(subject)].sort((a, b) => (a.id < b.id ? -1 : 1));
  const files = subject.use === 'predict' ? (['image'] as const) : (['image', 'label'] as const);
  return cases.flatMap(({ id, headers }) =>
    files.flatMap((file) => headers[file].map((found): Found => ({ ...found, id, file }))),
  );
}

function cautionOf(group: readonly Found[]): Caution {
  const { code, id, file, fault, help } = group[0]!;
  const ids = [...new Set(group.map((each) => each.id))];
  const others = ids.slice(1);
  const verb = others.length === 1 ? 'has' : 'have';
  const rest = `${counted(others.length, 'other case')} (${someNames(others)}) ${verb} the same kind of problem.`;
  const message = `The ${file} of \`${id}\` ${fault}.`;
  return warning(code, others.length === 0 ? message : `${message} ${rest}`, help, ids);
}

/** Assumptions made because headers are contradictory or incomplete, once for each kind of problem. */
export function fileCautions(subject: CautionSubject): Caution[] {
  return [...groupBy(findWarnings(subject), ({ kind }) => kind).values()].map(cautionOf);
}
