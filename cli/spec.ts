import { existsSync, statSync } from 'node:fs';
import type { ModelNode, SettingNode, VariantNode } from '../grammar/ast.js';
import type { Diagnostic } from '../grammar/diagnostics/diagnostic.js';
import { diagnosticsJson } from '../grammar/diagnostics/json.js';
import { renderDiagnostics } from '../grammar/diagnostics/render.js';
import { parseExpression } from '../grammar/parse.js';
import { createSource } from '../grammar/source.js';
import { readReason } from '../runtime/files/file-error.js';
import { readStartSync } from '../runtime/files/read-file.js';
import type { Network } from '../compiler/ir/ir.js';
import type { Host } from '../compiler/program/host.js';
import { sortDiagnostics } from '../compiler/check/check.js';
import { diagnosticsConcerning } from '../compiler/program/concerning.js';
import {
  bindModel,
  findStatement,
  lower,
  openProgram,
  ownModels,
  settingOf,
  type Program,
} from '../compiler/program/program.js';
import { diskHost, onePath } from './disk-host.js';
import { DiagnosticsError, FileError, UsageError } from './exit.js';
import { rememberCode } from './reported-codes.js';
import { columnsOf, tellAsIs } from './terminal.js';

/** @throws FileError if the path cannot be read */
export function openSpec(path: string, host: Host = diskHost): Program {
  const program = openProgram(host, onePath(path));
  if (program !== undefined) return program;
  throw unreadable(path);
}

/** Returns the error for a spec that cannot be read. */
export function unreadable(path: string): FileError {
  return new FileError(`\`${path}\` ${whyUnreadable(path)}.`);
}

function whyUnreadable(path: string): string {
  try {
    const found = statSync(path);
    if (found.isDirectory()) return 'is a folder, not a .unet file';
    if (!found.isFile()) return 'is not a regular file but a device, a pipe or a socket';
    readStartSync(path, 1);
    return 'cannot be read';
  } catch (error) {
    return `cannot be read: ${readReason(error)}`;
  }
}

/** The operand of a command: a file and, if given, the name of a model in it. */
export interface Place {
  readonly path: string;
  readonly model: string | undefined;
}

/** Parses `FILE` or `FILE#Model`, together with `--model`. An existing file with a `#` in its name is taken literally. */
export function readPlace(text: string, named?: string): Place {
  const hash = existsSync(text) ? -1 : text.lastIndexOf('#');
  if (hash < 0) return { path: text, model: named };
  return { path: text.slice(0, hash), model: oneModel(text.slice(hash + 1), named) };
}

/** Returns the model selected by `FILE#Model` or `--model`, which must agree. */
export function oneModel(model: string | undefined, named: string | undefined): string | undefined {
  if (model === undefined || named === undefined || model === named) return model ?? named;
  throw new UsageError(`#${model} and --model ${named} select different models.`, 'Give only one of them.');
}

/** Returns the model for a command: the named one, or the only one that the file itself declares. */
export function selectModel(program: Program, name: string | undefined, how = 'with --model'): ModelNode | VariantNode {
  const own = ownModels(program);
  if (name !== undefined) {
    const found = findStatement(program, name);
    if (found?.kind === 'Model' || found?.kind === 'Variant') return found;
    const help = own.length > 0 ? `It declares ${listed(own)}.` : undefined;
    throw noChoice(program, `\`${program.root}\` has no model \`${name}\`.`, help);
  }
  const [only] = own;
  if (only === undefined) {
    const used = usedModels(program);
    const help = used.length > 0 ? `It imports ${listed(used)}; choose one ${how}.` : undefined;
    throw noChoice(program, `\`${program.root}\` does not declare a model.`, help);
  }
  if (own.length > 1)
    throw new UsageError(`\`${program.root}\` declares several models: ${listed(own)}.`, `Choose one ${how}.`);
  return only;
}

/** The error if nothing can be chosen: the errors of the spec, which may hide declarations, or else `message`. */
export function noChoice(program: Program, message: string, help?: string): DiagnosticsError | UsageError {
  const errors = program.diagnostics.filter((each) => each.severity === 'error');
  return errors.length > 0 ? diagnosticsError(sortDiagnostics(program, errors)) : new UsageError(message, help);
}

/** Returns the models of other files that are visible in the root file. */
function usedModels(program: Program): readonly (ModelNode | VariantNode)[] {
  const statements = [...program.files.values()].flatMap((file) => file.node.statements);
  return statements.filter(
    (each): each is ModelNode | VariantNode =>
      (each.kind === 'Model' || each.kind === 'Variant') && findStatement(program, each.name.name) === each,
  );
}

function listed(models: readonly (ModelNode | VariantNode)[]): string {
  return models.map((each) => `\`${each.name.name}\``).join(', ');
}

/** The name of a knob, with or without backticks, and everything after the first `=`. */
const assignment = /^\s*(?:`(?<quoted>[^`\r\n]+)`|(?<plain>[^`=]*[^`=\s]))\s*=(?<value>.*)$/s;

/** Parses `--set knob=value`, where the value is any expression of the language. */
export function readSettings(texts: readonly string[]): { settings: SettingNode[]; diagnostics: Diagnostic[] } {
  const settings: SettingNode[] = [];
  const diagnostics: Diagnostic[] = [];
  for (const text of texts) {
    const { quoted, plain, value = '' } = assignment.exec(text)?.groups ?? {};
    const name = quoted ?? plain;
    if (name === undefined) {
      throw new UsageError(
        `--set expects \`knob=value\`, got \`${text}\`.`,
        "For example: --set width=32 or --set 'join=ssfb(rank: 16)'.",
      );
    }
    const parsed = parseExpression(createSource(`--set ${name}`, value.trim()));
    diagnostics.push(...parsed.diagnostics);
    settings.push(settingOf(name, parsed.expression));
  }
  return { settings, diagnostics };
}

/** A checked network of a spec, with the program it came from. */
export interface CompiledSpec {
  readonly program: Program;
  readonly declaration: ModelNode | VariantNode;
  readonly settings: readonly SettingNode[];
  readonly network: Network;
}

/** The chosen model of a program with its settings, and its errors and warnings. */
export interface ChosenModel {
  readonly declaration: ModelNode | VariantNode;
  readonly settings: readonly SettingNode[];
  readonly diagnostics: readonly Diagnostic[];
  /** Undefined if there are errors. */
  readonly network: Network | undefined;
}

/** Binds the settings of the chosen model and lowers it. */
export function lowerChosen(program: Program, { model: name, set = [], how }: ModelChoice): ChosenModel {
  const declaration = selectModel(program, name, how);
  const { settings, diagnostics } = readSettings(set);
  const model = bindModel(program, declaration, settings);
  const found: Diagnostic[] = [...diagnosticsConcerning(program, declaration, model), ...diagnostics];
  const lowered = model === undefined ? undefined : lower(program, model);
  if (lowered !== undefined) found.push(...lowered.diagnostics);
  return { declaration, settings, diagnostics: sortDiagnostics(program, found), network: lowered?.network };
}

/** Which model a command concerns. */
export interface ModelChoice {
  readonly model?: string | undefined;
  readonly set?: readonly string[] | undefined;
  /** How a model is chosen on the command line, for error messages. */
  readonly how?: string | undefined;
}

/**
 * Opens, checks and lowers the chosen model; errors are printed and end the command with exit code 1.
 * @param file `FILE` or `FILE#Model`; with an explicit `host`, a path only
 */
export function compileSpec(
  file: string,
  { host, model: named, ...options }: ModelChoice & { readonly host?: Host | undefined },
): CompiledSpec {
  const { path, model } = host === undefined ? readPlace(file, named) : { path: file, model: named };
  const program = openSpec(path, host);
  const { declaration, settings, diagnostics, network } = lowerChosen(program, { ...options, model });
  const faults = diagnostics.filter((each) => each.severity === 'error');
  if (faults.length > 0) throw diagnosticsError(faults);
  if (network === undefined) throw new Error(`\`${declaration.name.name}\` has neither a network nor an error`);
  return { program, declaration, settings, network };
}

/** Creates the exception that ends a command because of errors in a spec. */
export function diagnosticsError(diagnostics: readonly Diagnostic[]): DiagnosticsError {
  return new DiagnosticsError(diagnosticsText(diagnostics), diagnosticsJson(diagnostics));
}

/** Prints diagnostics with their code frames to standard error. */
export function printDiagnostics(diagnostics: readonly Diagnostic[]): void {
  tellAsIs(diagnosticsText(diagnostics));
}

/** The text of diagnostics that are about to be printed. */
function diagnosticsText(diagnostics: readonly Diagnostic[]): string {
  for (const { code, severity } of diagnostics) if (severity !== 'information') rememberCode(code, severity);
  return `${renderDiagnostics(diagnostics, { colours: true, columns: columnsOf(process.stderr) })}\n`;
}
