import { joined, markup, type Content, type Markup } from '../../../../text/markup.js';
import type { StudyProtocol } from '../../study-record.js';
import type { StudyReport } from '../report.js';
import { valueText, words } from './protocol-text.js';
import { scrollingTable } from './results-table.js';

function definition(name: string, value: Content): Markup {
  return markup`<div><dt>${name}</dt><dd>${value}</dd></div>\n`;
}

function definitions(record: Readonly<Record<string, unknown>>): Markup[] {
  return Object.entries(record).map(([name, value]) => definition(words(name), valueText(value)));
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
  return markup`<p>Everything in this study except the architecture. All rows share it unless marked UNMATCHED; studies with the same digest were run under the same protocol. SHA-256 of <code>protocol.json</code>: <code class="digest">${digest}</code></p>
<h3>Training</h3>
<dl>${definition('protocol', name)}${definitions(settings)}${definition('seeds', seeds.join(', '))}${definition('engine', valueText(engine))}${definition('versions', valueText(versions))}</dl>
<h3>How scores are computed</h3>
<dl>${definitions(metrics)}</dl>
<h3>Folds</h3>
${scrollingTable('Folds', 'Training, validation and test cases of each fold.', ['fold', 'training', 'validation', 'test'], folds.map(foldRow))}
<details><summary>Fingerprint of the data: ${String(data.cases.length)} cases from ${data.name}</summary>
<p>The parts of <code>dataset.json</code> and <code>cases.csv</code> that runs read: <code class="digest">${data.description}</code></p>
${scrollingTable('Cases', 'Number and size of voxels along the spatial axes, and the beginning of the SHA-256 of each file.', ['case', 'voxels', 'mm', 'files'], data.cases.map(caseRow))}</details>
`;
}
