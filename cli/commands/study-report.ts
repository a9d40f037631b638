import { renderReportCsv } from '../../runtime/study/report/render-csv.js';
import { renderReportJson } from '../../runtime/study/report/render-json.js';
import { renderReportLatex } from '../../runtime/study/report/render-latex.js';
import type { NotesChoice } from '../../runtime/study/report/notes.js';
import { renderReportText } from '../../runtime/study/report/render-text.js';
import { openStudy, studyPaths, type StudyFolder } from '../../runtime/study/study-folder.js';
import { verifyStudy } from '../../runtime/study/verify-study.js';
import { htmlOf, readResult, type StudyResult } from '../../runtime/study/write-report.js';
import { markText, type MarkedFormat } from '../../runtime/files/marker.js';
import { prepareOutputs } from '../../runtime/files/output.js';
import { writeFileAtomic } from '../../runtime/files/atomic-file.js';
import { colours } from '../colours.js';
import { exitCodes, Finished, UsageError } from '../exit.js';
import type { OutputFlags } from '../inputs.js';
import { drawArchitectures } from '../study/draw-architectures.js';
import { printWritten } from '../result.js';
import { counted } from '../../text/count.js';
import { outputColumns, print, printData } from '../terminal.js';
import { jsonText } from '../../text/json.js';

/** Flags of `unet study report`. */
export interface StudyReportFlags extends OutputFlags {
  readonly format: ReportFormat;
  /** What is below the table, as text and LaTeX. */
  readonly notes?: NotesChoice;
  readonly output?: string;
}

export const reportFormats = ['text', 'json', 'csv', 'latex', 'html'] as const;
export type ReportFormat = (typeof reportFormats)[number];

/** `unet study report DIR [--format F] [-o FILE]`: reports the results of the finished jobs. */
export async function studyReport(directory: string, flags: StudyReportFlags): Promise<void> {
  const place = flags.output === undefined ? undefined : await placeOf(directory, flags.output, flags);
  refuseNotes(flags);
  const study = await openStudy(directory);
  const result = await readResult(study);
  const text = await renderResult(study, result, flags, flags.output === undefined);
  if (flags.output === undefined || place === undefined) return flags.format === 'csv' ? printData(text) : print(text);
  await writeFileAtomic(place, marked(text, flags.format));
  printWritten(flags.output, flags.format);
}

/** Refuses notes for formats that have a place of their own for them. */
function refuseNotes({ format, notes }: StudyReportFlags): void {
  if (notes === undefined || format === 'text' || format === 'latex') return;
  throw new UsageError('--notes requires --format text or latex.');
}

async function placeOf(directory: string, out: string, { format, force }: StudyReportFlags): Promise<string> {
  const mark: MarkedFormat = format === 'html' || format === 'latex' ? 'text' : 'unmarked';
  const inputs = [studyPaths(directory).record, studyPaths(directory).protocol];
  const [place = out] = await prepareOutputs([{ path: out, format: mark }], { inputs, force });
  return place;
}

/** Adds the mark of unet to a report if its format supports it. */
function marked(text: string, format: ReportFormat): string {
  if (format === 'html') return markText(text, { as: 'xml' });
  return format === 'latex' ? markText(text, { as: 'tex' }) : text;
}

/** Renders a report in the requested format; text uses the width and colours of the terminal. */
export async function renderResult(
  study: StudyFolder,
  result: StudyResult,
  { format, notes = 'short' }: Pick<StudyReportFlags, 'format' | 'notes'>,
  shown: boolean,
): Promise<string> {
  const { report } = result;
  switch (format) {
    case 'json':
      return renderReportJson(report);
    case 'csv':
      return renderReportCsv(report);
    case 'latex':
      return renderReportLatex(report, notes);
    case 'html':
      return htmlOf(study, result, drawArchitectures);
    case 'text':
      return renderReportText(report, {
        colours: shown,
        notes,
        ...(shown ? { columns: outputColumns() } : {}),
      });
  }
}

/** `unet study verify DIR`: verifies all files and figures of a study. */
export async function studyVerify(directory: string, flags: { readonly format: string }): Promise<void> {
  const study = await openStudy(directory);
  const verification = await verifyStudy(study);
  const { files, cells, faults } = verification;
  if (flags.format === 'json') print(jsonText(verification));
  else if (faults.length === 0) {
    print(`${directory}: ${files} files match their checksums and ${cells} figures follow from the scores\n`);
  } else {
    for (const fault of faults) print(`${colours.red('stale')}: ${fault}\n`);
    print(`${counted(faults.length, 'mismatch', 'mismatches')} in ${directory}\n`);
  }
  if (faults.length > 0) throw new Finished(exitCodes.diagnostics);
}
