/** Generates `docs/commands.md` from the commands; with `--check`, fails if the file is not up to date. */
import type { Command } from 'commander';
import { exitCodes } from '../cli/exit.js';
import { createProgram } from '../cli/program.js';
import { generateFile } from './generated-file.js';

/** Returns a command's help as `--help` prints it, at a fixed width. */
function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({
    writeOut: (part) => (text += part),
    getOutHelpWidth: () => 100,
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
  success: 'success, possibly with warnings',
  diagnostics:
    'an error in specs, data, weights, runs or files: diagnostics, a failed run, a file that cannot be read or must not be overwritten, files that `fmt --check` would change',
  usage:
    'an invalid command line: an unknown flag, a missing argument, an ambiguous or unknown model, protocol or fold',
  interrupted:
    'interrupted by SIGINT (Ctrl-C), SIGTERM, SIGHUP or SIGUSR1 (128 + 2 for each of them); a training run can be resumed',
};

const codes = Object.entries(exitCodes).map(
  ([name, code]) => `| ${code} | ${meanings[name as keyof typeof exitCodes]} |`,
);

const page = `# Commands

Generated from the help of the commands by \`scripts/generate-command-docs.ts\`; do not edit.

Arguments name what a command reads; \`-o\` (\`--output\`) names what it writes. \`--format\` selects the form of a report, and \`--json\`
is the same as \`--format json\`. Every command except \`completion\` and \`lsp\` accepts \`--json\`: standard output is then a single JSON
value, even if the command fails ([formats.md](formats.md#json)).

Results are written to standard output, messages and progress to standard error. \`--quiet\` omits progress, notes and next steps.
Output is coloured on a terminal; \`--color\`, then \`NO_COLOR\`, then \`FORCE_COLOR\` override this. Tables are as wide as the terminal
(120 columns if the output is not a terminal), and messages are wrapped only on a terminal; \`COLUMNS\` overrides both.

| exit code | meaning |
|---|---|
${codes.join('\n')}

${sectionsOf(createProgram(), 'unet').join('\n')}`;

generateFile('docs/commands.md', page, 'generate-command-docs.ts');
