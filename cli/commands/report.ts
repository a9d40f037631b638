import { buildReport } from '../../compiler/emit/report/report.js';
import { renderReportJson, renderReportMarkdown, renderReportText } from '../../compiler/emit/report/render.js';
import { renderWeights } from '../../compiler/emit/report/weights.js';
import { legalPatch } from '../patch.js';
import { compileSpec } from '../spec.js';
import { outputColumns, print } from '../terminal.js';

/** Flags of the command. */
export interface ReportFlags {
  readonly model?: string;
  readonly set: string[];
  readonly patch?: number[];
  readonly ops?: boolean;
  readonly weights?: boolean;
  readonly depth: number;
  readonly format: string;
}

/** `unet report FILE`: reports the costs of a network at a patch size, by stage. */
export function report(file: string, flags: ReportFlags): void {
  const compiled = compileSpec(file, flags);
  if (flags.weights === true) {
    print(renderWeights(compiled.network, flags.format));
    return;
  }
  const result = buildReport(compiled.network, legalPatch(compiled, flags.patch));
  if (!result.ok) throw new Error(`A legal patch was rejected: ${JSON.stringify(result.faults)}`);
  const options = { ops: flags.ops === true, depth: flags.depth, columns: outputColumns() };
  const text =
    flags.format === 'json'
      ? renderReportJson(result.report)
      : flags.format === 'markdown'
        ? renderReportMarkdown(result.report, options)
        : renderReportText(result.report, options);
  print(text.endsWith('\n') ? text : `${text}\n`);
}
