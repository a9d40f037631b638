/** The grammar of flags, for every command: one name for one thing. */
import type { Command, Option } from 'commander';
import stringWidth from 'fast-string-width';
import { describe, expect, it } from 'vitest';
import { commandGroups } from '../../cli/command-groups.js';
import { createProgram } from '../../cli/program.js';

const program = createProgram();

/** Every command with its path: `data check`. */
function commandsBelow(command: Command, path: readonly string[] = []): [string, Command][] {
  if (command.commands.length === 0) return [[path.join(' '), command]];
  return command.commands.flatMap((each) => commandsBelow(each, [...path, each.name()]));
}

const commands = commandsBelow(program);

function helpOf(command: Command, columns: number): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => columns,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text;
}

function longFlags(command: Command): readonly (string | undefined)[] {
  return command.options.map(({ long }) => long);
}

describe.each([...commands, ['', program], ['study', program.commands.find((each) => each.name() === 'study')!]] as [
  string,
  Command,
][])('unet %s', (_, command) => {
  it('has help of at most 80 columns', () => {
    const wide = helpOf(command, 80)
      .split('\n')
      .filter((line) => stringWidth(line) > 80);
    expect(wide).toEqual([]);
  });

  it('marks the options that it requires', () => {
    const help = helpOf(command, 80);
    const [usage = ''] = help.split('\n');
    const section = /^Required options:\n((?: .*\n)+)/m.exec(help)?.[1] ?? '';
    const marked = [...section.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
    const required = command.options.filter(({ mandatory }) => mandatory);
    expect(marked).toEqual(required.map(({ long }) => long));
    for (const { short, long } of required) expect(usage).toContain(` ${short ?? long}`);
  });

  it('knows --quiet, --color and --help', () => {
    expect(longFlags(command)).toEqual(expect.arrayContaining(['--quiet', '--color']));
    expect(helpOf(command, 80)).toMatch(/^Common options:\n(?: .*\n)* {2}-h, --help /m);
  });
});

it('-o, --output names what a command writes, in all that write', () => {
  const readers = ['check', 'fmt', 'explain', 'lsp', 'engines', 'doctor', 'completion', 'data check'];
  const ofStudies = ['study plan', 'study status', 'study verify', 'study job'];
  const writers = commands.filter(([path]) => ![...readers, ...ofStudies, 'report'].includes(path));
  expect(writers.length).toBeGreaterThan(10);
  for (const [path, command] of commands) {
    const flags = command.options.filter(({ short, long }) => short === '-o' || long === '--output');
    expect([path, flags.map((flag) => flag.flags.replace(/<.*>/, '<>'))]).toEqual([
      path,
      writers.some(([each]) => each === path) ? ['-o, --output <>'] : [],
    ]);
  }
});

it('--json is known to every command that prints a result', () => {
  const without = commands.filter(([, command]) => !longFlags(command).includes('--json')).map(([path]) => path);
  expect(without.sort()).toEqual(['completion', 'lsp', 'study job']);
});

it('a flag has the same short form and the same kind of value in every command', () => {
  const spellings = new Map<string, Set<string>>();
  for (const [, command] of commands) {
    for (const option of command.options) {
      const set = spellings.get(option.long ?? '') ?? new Set();
      spellings.set(option.long ?? '', set.add(spellingOf(option)));
    }
  }
  // What these flags name is the same in every command; how much of it a command takes is not.
  const varying = ['--weights', '--verify', '--identifier'];
  const several = [...spellings]
    .filter(([flag, set]) => set.size > 1 && !varying.includes(flag))
    .map(([flag, set]) => [flag, ...set]);
  expect(several).toEqual([]);
});

/** The short form and the value; `-o` writes a file or a folder. */
function spellingOf({ flags, long }: Option): string {
  return long === '--output' ? flags.replace(/<.*>/, '<path>') : flags;
}

it('every command has a heading and a line in the help of unet', () => {
  const listed = Object.values(commandGroups).flatMap((group) => Object.keys(group));
  const visible = program.createHelp().visibleCommands(program);
  expect(visible.map((command) => command.name()).sort()).toEqual([...listed].sort());
  for (const [heading, group] of Object.entries(commandGroups)) {
    const section = helpOf(program, 80).split(`\n${heading}\n`)[1]!.split('\n\n')[0]!;
    expect(section.split('\n')).toHaveLength(Object.keys(group).length);
  }
});
