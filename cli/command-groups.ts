import type { Command } from 'commander';

/** The commands as `unet --help` lists them: under headings, each in a line. */
export const commandGroups: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  'Get started:': {
    quickstart: 'Run a small ablation study on phantom data (a few minutes)',
    init: 'Create a starter spec with variants',
  },
  'Specs:': {
    check: 'Report the errors and warnings in specs',
    fmt: 'Format specs in the canonical style',
    report: 'Show parameters, MACs, memory and receptive field',
    diff: 'Compare two networks',
    diagram: 'Draw a network',
    compile: 'Generate a TypeScript module that builds the model',
    explain: 'Explain a diagnostic, with an example and its fix',
  },
  'Training:': {
    train: 'Train a model on a data set',
    predict: 'Segment a case and write a NIfTI mask',
    evaluate: 'Score a run per case and class',
    import: 'Create a run from weights trained elsewhere',
    apply: 'Apply the network of a run to given tensors',
    export: 'Export a network as ONNX, tf.LayersModel or weights',
  },
  'Studies:': {
    ablate: 'Train a model with each switchable component removed in turn',
    study: 'Plan, run, report and verify a comparison of networks',
  },
  'Data and machine:': {
    data: 'Check data sets and generate phantom data sets',
    engines: 'List the engines (compute backends) of this machine',
    doctor: 'Show the environment: Node.js, engines, cores, memory',
  },
  'Tools:': {
    completion: 'Print a completion script for a shell',
    lsp: 'Start the language server for editors',
    help: 'Show the help of a command',
  },
};

const order = Object.values(commandGroups).flatMap((group) => Object.keys(group));

/** Sorts the commands of `unet` as its help lists them. */
export function inGroupOrder(commands: readonly Command[]): Command[] {
  const place = (command: Command): number => order.indexOf(command.name());
  return [...commands].sort((a, b) => place(a) - place(b));
}

/** Puts the commands of `unet` under their headings. */
export function groupCommands(program: Command): void {
  for (const command of program.createHelp().visibleCommands(program)) {
    for (const [heading, group] of Object.entries(commandGroups)) {
      const summary = group[command.name()];
      if (summary !== undefined) command.helpGroup(heading).summary(summary);
    }
  }
}
