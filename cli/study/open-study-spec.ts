import type { Statement, StudyNode } from '../../grammar/ast.js';
import { sortDiagnostics } from '../../compiler/check/check.js';
import { diagnosticsConcerning } from '../../compiler/program/concerning.js';
import { Lowering } from '../../compiler/check/lowering.js';
import { ownStudies, type Program } from '../../compiler/program/program.js';
import { lowerStudy } from '../../compiler/study/lower-study.js';
import type { Study } from '../../compiler/study/study.js';
import type { Diagnostic } from '../../grammar/diagnostics/diagnostic.js';
import { exitCodes, Finished, UsageError } from '../exit.js';
import { noChoice, openSpec, printDiagnostics } from '../spec.js';

/** A study of a spec, lowered, with the program it came from. */
export interface CompiledStudy {
  readonly program: Program;
  readonly study: Study;
}

/** Opens a spec and lowers the study asked for, or its only one; errors are printed and end the command with exit code 1. */
export function compileStudy(file: string, name: string | undefined): CompiledStudy {
  const program = openSpec(file);
  const node = selectStudy(program, name);
  return { program, study: exitOnErrors(program, node, () => lowerStudy(new Lowering(program), node)) };
}

/**
 * The result of `lower`; its errors, and those of the study or model and of what it uses, are printed and end the command.
 * Of warnings, only lints of the rows are printed.
 */
export function exitOnErrors<T>(
  program: Program,
  statement: Statement,
  lower: () => { readonly value: T | undefined; readonly diagnostics: readonly Diagnostic[] },
): T {
  const concerning = diagnosticsConcerning(program, statement);
  const isRecursive = concerning.some(({ code }) => code === 'UNET2006');
  const lowered = isRecursive ? { value: undefined, diagnostics: [] } : lower();
  const found = sortDiagnostics(program, [...concerning, ...lowered.diagnostics]);
  const errors = found.filter(({ severity }) => severity === 'error');
  if (errors.length > 0 || lowered.value === undefined) {
    printDiagnostics(errors);
    throw new Finished(exitCodes.diagnostics);
  }
  const own = found.filter(({ code }) => code === 'UNET4005');
  if (own.length > 0) printDiagnostics(own);
  return lowered.value;
}

function selectStudy(program: Program, name: string | undefined): StudyNode {
  const studies = ownStudies(program);
  const names = studies.map((each) => `\`${each.name.name}\``).join(', ');
  const [first] = studies;
  if (first === undefined) {
    throw noChoice(
      program,
      `\`${program.root}\` does not declare a study.`,
      '`unet ablate` creates a study from the knobs of a model.',
    );
  }
  if (name === undefined && studies.length > 1) {
    throw new UsageError(`\`${program.root}\` declares several studies: ${names}.`, 'Choose one with --study.');
  }
  const found = name === undefined ? first : studies.find((each) => each.name.name === name);
  if (found !== undefined) return found;
  throw noChoice(program, `\`${program.root}\` has no study \`${name ?? ''}\`.`, `It declares ${names}.`);
}
