import { Help, Option, type Command } from 'commander';
import { inGroupOrder } from './command-groups.js';
import { chooseColours, colourChoices, colours, isColoured, type ColourChoice } from './colours.js';
import { UsageError } from './exit.js';
import { chooseQuiet, columnsOf, print, tell } from './terminal.js';

const required = 'Required options:';
const common = 'Common options:';

/** The columns of help where it is not printed on a terminal. */
const helpColumns = 80;

/** Adds to a command and those below it what all commands have in common: options, the layout of help, usage errors. */
export function completeCommand(command: Command, path = command.name()): void {
  if (command.parent !== null) command.helpCommand(false);
  addCommonOptions(command);
  layOutHelp(command);
  command.exitOverride().configureOutput({
    writeOut: print,
    writeErr: tell,
    getOutHelpWidth: () => columnsOf(process.stdout) ?? helpColumns,
    getErrHelpWidth: () => columnsOf(process.stderr) ?? helpColumns,
    getOutHasColors: () => isColoured(1),
    getErrHasColors: () => isColoured(2),
    outputError: (text, write) => {
      const message = usageMessage(text);
      write(`${colours.red('error')}: ${message}\n  ${colours.cyan('help')}: Run ${path} --help for usage.\n`);
    },
  });
  for (const child of command.commands) completeCommand(child, `${path} ${child.name()}`);
}

/** Commander's message for an invalid command line, as a sentence. */
export function usageMessage(text: string): string {
  const message = text
    .trim()
    .replace(/^error: /, '')
    .replace(/\n\((Did you mean .*)\)$/, '. $1');
  return `${message.charAt(0).toUpperCase()}${message.slice(1)}${/[.?)]$/.test(message) ? '' : '.'}`;
}

function addCommonOptions(command: Command): void {
  const quiet = new Option('-q, --quiet', 'Print only results, warnings and errors');
  const color = new Option('--color <when>', 'When to colour the output').choices(colourChoices).default('auto');
  command
    .optionsGroup(common)
    .addOption(quiet)
    .addOption(color)
    .helpOption('-h, --help', 'Show this help')
    .on('option:quiet', () => chooseQuiet(true))
    .on('option:color', (when: ColourChoice) => chooseColours(when));
  if (formatsOf(command).includes('json')) addJsonOption(command);
  for (const option of command.options)
    if (['--json', '--version'].includes(option.long ?? '')) option.helpGroup(common);
}

function formatsOf(command: Command): readonly string[] {
  return command.options.find((option) => option.attributeName() === 'format')?.argChoices ?? [];
}

/** `--json` of a command with `--format json`. */
function addJsonOption(command: Command): void {
  command.addOption(new Option('--json', 'Same as --format json'));
  command.hook('preAction', () => {
    if (command.getOptionValue('json') !== true) return;
    const format = String(command.getOptionValue('format'));
    if (command.getOptionValueSource('format') === 'cli' && format !== 'json')
      throw new UsageError(`--json and --format ${format} contradict each other.`, 'Give only one of them.');
    command.setOptionValue('format', 'json');
  });
}

function layOutHelp(command: Command): void {
  const mandatory = command.options.filter((option) => option.mandatory);
  for (const option of mandatory) option.helpGroup(required);
  command.usage(usageOf(command, mandatory));
  command.configureHelp({
    subcommandTerm: (child) => child.name(),
    styleTitle: (title) => colours.bold(title),
    styleCommandText: (text) => colours.bold(text),
    styleSubcommandText: (text) => colours.cyan(text),
    styleOptionText: (text) => colours.cyan(text),
    styleArgumentText: (text) => colours.cyan(text),
    visibleCommands: (each) =>
      each.parent === null ? inGroupOrder(plainHelp.visibleCommands(each)) : plainHelp.visibleCommands(each),
    visibleOptions: (each) => requiredFirst(plainHelp.visibleOptions(each)),
    // Groups are in the order of their first visible items.
    groupItems: (_, visible, groupOf) => plainHelp.groupItems(visible, visible, groupOf),
    formatHelp: (each, help) => commonOptionsLast(plainHelp.formatHelp.call(help, each, help)),
  });
}

const plainHelp = new Help();

function requiredFirst(options: readonly Option[]): Option[] {
  return [...options.filter(({ mandatory }) => mandatory), ...options.filter(({ mandatory }) => !mandatory)];
}

/** Puts the section of common options after those of the commands. */
function commonOptionsLast(help: string): string {
  const sections = help.trimEnd().split('\n\n');
  const isCommon = (section: string): boolean => section.includes(common);
  return `${[...sections.filter((each) => !isCommon(each)), ...sections.filter(isCommon)].join('\n\n')}\n`;
}

/** The operands, then the required options, then the others: `<file> --data <dir> -o <dir> [options]`. */
function usageOf(command: Command, mandatory: readonly Option[]): string {
  if (command.commands.length > 0) return '<command> [options]';
  const operands = command.registeredArguments.map((each) => {
    const name = `${each.name()}${each.variadic ? '...' : ''}`;
    return each.required ? `<${name}>` : `[${name}]`;
  });
  const flags = mandatory.map(({ flags }) => flags.replace(/^(-\w), --[\w-]+/, '$1'));
  return [...operands, ...flags, '[options]'].join(' ');
}
