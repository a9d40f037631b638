/** Writes `docs/commands.md` from the commands that there are; with `--check` fails where it differs. */
import type { Command } from 'commander';
import { exitCodes } from '../cli/exit.js';
import { createProgram } from '../cli/program.js';
import { generateFile } from './generated-file.js';

/** A command's help as `--help` prints it, at a width of its own whatever the terminal. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => 110,
    getOutHasColors: () => false,
  });
  command.outputHelp();
  return text.trimEnd();
}

function sectionsOf(command: Command, path: string): string[] {
  if (command.commands.length > 0)
    return command.commands.flatMap((each) => sectionsOf(each, `${path} ${each.name()}`));
  return [`## ${path}\n\n\`\`\`text\n${helpOf(command)}\n\`\`\`\n`];
}

const meanings: Readonly<Record<keyof typeof exitCodes, string>> = {
  success: 'done; warnings alone do not change this',
  diagnostics:
    'anything is wrong with specs, data, weights, runs or files: diagnostics, a failed run, a file that cannot be read or is in the way, files that `fmt --check` would change',
  usage:
    'the command line itself is wrong: an unknown flag, a missing argument, a model, protocol or fold that it leaves open or that there is not',
  interrupted:
    'stopped by SIGINT (Ctrl-C), SIGTERM, SIGHUP or SIGUSR1 (128 + 2, whichever signal it was); a training run can be resumed',
};

const codes = Object.entries(exitCodes).map(
  ([name, code]) => `| ${code} | ${meanings[name as keyof typeof exitCodes]} |`,
);

const page = `# Commands

Generated from the commands by \`scripts/generate-command-docs.ts\`: do not edit.

Data goes to standard output, messages and progress to standard error. Messages are coloured on a terminal alone, and not
where \`NO_COLOR\` is set. Every command but \`completion\` and \`lsp\` takes \`--json\`: standard output is then one value of JSON,
also where the command fails ([formats.md](formats.md#json)).

| exit code | meaning |
|---|---|
${codes.join('\n')}

${sectionsOf(createProgram(), 'unet').join('\n')}`;

generateFile('docs/commands.md', page, 'generate-command-docs.ts');
