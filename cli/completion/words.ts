import type { Command, Option } from 'commander';

/** The completions at one position of the command line. */
export interface Place {
  /** The path of the command, such as `data check`; empty for `unet` itself. */
  readonly path: string;
  readonly commands: readonly { readonly name: string; readonly description: string }[];
  /** The possible values of its arguments, if limited. */
  readonly values: readonly string[];
  readonly options: readonly Flag[];
}

export interface Flag {
  readonly long: string;
  readonly short: string | undefined;
  readonly description: string;
  /** Whether a value follows, and its choices if limited. */
  readonly value: boolean;
  readonly choices: readonly string[];
  /** Whether its value is a folder. */
  readonly folder: boolean;
}

/** Returns the positions for a command and all of its subcommands. */
export function placesOf(command: Command, path = ''): Place[] {
  const help = command.createHelp();
  const commands = help.visibleCommands(command);
  const below = commands.flatMap((each) => placesOf(each, `${path} ${each.name()}`.trim()));
  const own = {
    path,
    commands: commands.map((each) => ({ name: each.name(), description: each.description() })),
    values: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
    options: help.visibleOptions(command).flatMap(flagOf),
  };
  return [own, ...below];
}

function flagOf(option: Option): Flag[] {
  if (option.long === undefined || option.long === null) return [];
  const value = option.required || option.optional;
  return [
    {
      long: option.long,
      short: option.short ?? undefined,
      description: option.description,
      value,
      choices: option.argChoices ?? [],
      folder: value && option.flags.includes('<dir>'),
    },
  ];
}

/** Quotes a string so that a shell takes it literally. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
