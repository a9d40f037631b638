import { joined, markup, type Content, type Markup } from '../../../../text/markup.js';
import type { StudyProtocol } from '../../study-record.js';
import type { StudyReport } from '../report.js';
import { valueText, words } from './protocol-text.js';
import { definitionList, scrollingTable } from '../../../../text/page/page.js';

type Definition = readonly [name: string, text: Content];

function definitions(record: Readonly<Record<string, unknown>>): readonly Definition[] {
  return Object.entries(record).map(([name, value]) => [words(name), valueText(value)]);
}

/** The folds with their cases. */
function foldTable(folds: StudyProtocol['folds']): Markup {
  const caption = 'Training, validation and test cases of each fold.';
  const head = ['fold', 'training', 'validation', 'test'];
  return scrollingTable({ label: 'Folds', caption, head, rows: folds.map(foldRow) });
}

function caseTable(cases: StudyProtocol['data']['cases']): Markup {
  const caption = 'Number and size of voxels along the spatial axes, and the beginning of the SHA-256 of each file.';
  return scrollingTable({ label: 'Cases', caption, head: ['case', 'voxels', 'mm', 'files'], rows: cases.map(caseRow) });
}

function foldRow({ fold, train, validation, test }: StudyProtocol['folds'][number]): Markup {
  const list = (ids: readonly string[]): string => (ids.length === 0 ? 'none' : ids.join(', '));
  return markup`<tr><th scope="row">${String(fold)}</th><td>${list(train)}</td><td>${list(validation)}</td><td>${list(test)}</td></tr>\n`;
}

function caseRow({ id, shape, spacing, files }: StudyProtocol['data']['cases'][number]): Markup {
  const digests = Object.entries(files).map(
    ([file, digest]) => markup`${file} <code title="SHA-256 ${digest}">${digest.slice(0, 12)}</code>`,
  );
  const sizes = spacing.map((size) => String(Number(size.toPrecision(4)))).join(' × ');
  return markup`<tr><th scope="row">${id}</th><td>${shape.join(' × ')}</td><td>${sizes}</td><td>${joined(digests, ', ')}</td></tr>\n`;
}

/** The protocol that all rows share, with its digest for comparison with other studies. */
export function protocolList({ protocol }: StudyReport): Markup {
  const { digest, protocol: training, data, folds, seeds, metrics, engine, versions } = protocol;
  const { name, ...settings } = training;
  const own: readonly Definition[] = [
    ['seeds', seeds.join(', ')],
    ['engine', valueText(engine)],
    ['versions', valueText(versions)],
  ];
  return markup`<p>Everything in this study except the architecture. All rows share it unless marked UNMATCHED; studies with the same digest were run under the same protocol. SHA-256 of <code>protocol.json</code>: <code class="digest">${digest}</code></p>
<h3>Training</h3>
${definitionList([['protocol', name], ...definitions(settings), ...own])}<h3>How scores are computed</h3>
${definitionList(definitions(metrics))}<h3>Folds</h3>
${foldTable(folds)}
<details><summary>Fingerprint of the data: ${String(data.cases.length)} cases from ${data.name}</summary>
<p>The parts of <code>dataset.json</code> and <code>cases.csv</code> that runs read: <code class="digest">${data.description}</code></p>
${caseTable(data.cases)}</details>
`;
}
