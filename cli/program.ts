import { Argument, Command, Option } from 'commander';
import type { ApplyFlags } from './commands/apply.js';
import type { CheckFlags } from './commands/check.js';
import type { CompileFlags } from './commands/compile.js';
import type { Shell } from './commands/completion.js';
import type { DataCheckFlags, DataSynthFlags } from './commands/data.js';
import type { EnginesFlags } from './commands/engines.js';
import type { DiagramFlags } from './commands/diagram.js';
import type { DiffFlags } from './commands/diff.js';
import type { DoctorFlags } from './commands/doctor.js';
import type { EvaluateFlags } from './commands/evaluate.js';
import type { ExplainFlags } from './commands/explain.js';
import type { ExportFlags } from './commands/export.js';
import type { FmtFlags } from './commands/fmt.js';
import type { ImportFlags } from './commands/import.js';
import type { InitFlags } from './commands/init.js';
import { mirrorFlag, noMirrorFlag, regionFlag } from './prediction-flags.js';
import type { PredictFlags } from './commands/predict.js';
import type { QuickstartFlags } from './commands/quickstart.js';
import type { ReportFlags } from './commands/report.js';
import type { TrainFlags } from './commands/train.js';
import { colours } from './colours.js';
import { groupCommands } from './command-groups.js';
import { completeCommand } from './common-options.js';
import { exitCodes } from './exit.js';
import { packageVersion } from './package-root.js';
import {
  allowFlag,
  choice,
  engineFlag,
  example,
  forceFlag,
  jsonFlag,
  modelFlag,
  names,
  learningRate,
  positive,
  setFlag,
  several,
  sizes,
  threadsFlag,
  wholeFrom,
} from './flags.js';
import { addStudyCommands } from './study-program.js';
import { ENGINE_NAMES } from '../runtime/engine/catalogue.js';

const afterHelp = `
Arguments name what a command reads, -o what it writes.
Run unet COMMAND --help for the options of a command, with examples.

${colours.bold('Exit codes:')}
  ${exitCodes.success}    Success, possibly with warnings
  ${exitCodes.diagnostics}    Error in a spec, data, weights or files
  ${exitCodes.usage}    Invalid command line
  ${exitCodes.interrupted}  Interrupted`;

/** Returns the command-line parser with every command and its flags. A command's modules are loaded when it runs. */
export function createProgram(): Command {
  const program = new Command('unet')
    .description(
      'Check .unet architecture specs, compile them to TensorFlow.js, and train and evaluate them on NIfTI data.',
    )
    .version(packageVersion(), '-V, --version', 'Show the version')
    .addHelpText('after', afterHelp)
    .helpCommand('help [command]', 'Show the help of a command');
  addSpecCommands(program);
  addRunCommands(program);
  addStudyCommands(program);
  addDataCommands(program);
  addEngineCommands(program);
  addSetupCommands(program);
  groupCommands(program);
  completeCommand(program);
  return program;
}

function addSpecCommands(program: Command): void {
  program
    .command('check')
    .description('Report the errors and warnings in specs; exit with 1 if there are errors')
    .argument('<file...>', 'Paths of .unet files, FILE#Model, or - for standard input')
    .option(...modelFlag)
    .addOption(setFlag())
    .option('--at <file>', 'Path from which standard input resolves its imports')
    .option('-w, --watch', 'Check again when a file changes, until Ctrl-C')
    .addOption(choice('--format <form>', 'Output format', ['text', 'json'], 'text'))
    .addHelpText(
      'after',
      example(
        'check specs/dalight3d.unet',
        'check specs/*.unet --json',
        'check specs/dalight3d.unet --set width=30',
        'check specs/dalight3d.unet --watch',
      ),
    )
    .action(async (files: string[], options: CheckFlags) =>
      (await import('./commands/check.js')).check(files, options),
    );
  program
    .command('report')
    .description('Report parameters, MACs, activation memory and receptive field as a tree of stages and blocks')
    .argument('<file>', 'A .unet file, or FILE#Model')
    .option(...modelFlag)
    .addOption(setFlag())
    .option(
      '--patch <sizes>',
      'Patch size for the report (default: 64 along each axis, or the nearest legal size)',
      sizes,
    )
    .option('--depth <levels>', 'Levels of modules to list inside each stage', wholeFrom(0), 1)
    .option('--ops', 'List every operation instead')
    .option('--weights', 'List the id and shape of every weight instead')
    .addOption(choice('--format <form>', 'Output format', ['text', 'json', 'markdown'], 'text'))
    .addHelpText(
      'after',
      example(
        'report specs/dalight3d.unet',
        'report specs/dalight3d.unet --depth 2',
        'report specs/studies/quickstart.unet#NoCSA',
        "report specs/dalight3d.unet --set width=32 --set 'join=ssfb(rank: 16)' --format json",
      ),
    )
    .action(async (file: string, options: ReportFlags) => (await import('./commands/report.js')).report(file, options));
  program
    .command('compile')
    .description('Generate a TypeScript module that builds the model as a tf.LayersModel')
    .argument('<file>', 'A .unet file, or FILE#Model')
    .option(...modelFlag)
    .addOption(setFlag())
    .requiredOption('-o, --output <dir>', 'Output folder')
    .addOption(forceFlag())
    .addOption(jsonFlag())
    .addHelpText('after', example('compile specs/dalight3d.unet -o generated'))
    .action(async (file: string, options: CompileFlags) =>
      (await import('./commands/compile.js')).compile(file, options),
    );
  program
    .command('fmt')
    .description('Format specs in the canonical style')
    .argument('<file...>', 'Paths of .unet files, or - to format standard input to standard output')
    .option('--check', 'Write nothing; list the files that would change and exit with 1 if there are any')
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      example('fmt specs/dalight3d.unet', 'fmt --check specs/*.unet', 'fmt --check --json specs/*.unet'),
    )
    .action(async (files: string[], options: FmtFlags) => (await import('./commands/fmt.js')).fmt(files, options));
  program
    .command('diff')
    .description('Compare two networks: knobs, modules, costs, and whether they still train under the same conditions')
    .argument('<before>', 'A .unet file, FILE#Model, or REVISION:FILE (from git)')
    .argument('[after]', 'The spec to compare with (optional with --set)')
    .addOption(several('--set <knob=value>', 'Set a knob of the second network (repeatable)'))
    .option(
      '--patch <sizes>',
      'Patch size for the costs (default: 64 along each axis, or the nearest size legal for both)',
      sizes,
    )
    .option('--at <file>', 'Path from which both files resolve their imports (for git difftool)')
    .addOption(choice('--format <form>', 'Output format', ['text', 'markdown', 'html', 'json'], 'text'))
    .option('-o, --output <file>', 'Write the comparison to a file')
    .addOption(forceFlag())
    .addHelpText(
      'after',
      example(
        'diff specs/dalight3d.unet specs/ablations/no-csa.unet',
        'diff specs/dalight3d.unet --set width=32 --format markdown',
        'diff specs/dalight3d.unet specs/ablations/no-csa.unet --format html -o no-csa.html',
        'diff HEAD:specs/dalight3d.unet specs/dalight3d.unet',
      ),
    )
    .action(async (before: string, after: string | undefined, options: DiffFlags) =>
      (await import('./commands/diff.js')).diff(before, after, options),
    );
  program
    .command('diagram')
    .description('Draw a network as SVG, PNG or TikZ: levels, skips, the contents of each block, shapes and parameters')
    .argument('<file>', 'A .unet file, FILE#Model, or REVISION:FILE (from git)')
    .requiredOption('-o, --output <file>', 'Output file (.svg, .png, or .tex for LaTeX)')
    .option(...modelFlag)
    .addOption(setFlag())
    .option('--diff [base]', 'Highlight the differences from another spec (default: the base of the variant)')
    .option(
      '--patch <sizes>',
      'Patch size for the shapes (default: 64 along each axis, or the nearest legal size)',
      sizes,
    )
    .addOption(
      new Option('--theme <name>', 'Colours; `auto` (SVG only) follows the light or dark theme of the reader')
        .choices(['auto', 'light', 'dark'])
        .default('auto'),
    )
    .option('--scale <factor>', 'PNG pixels per SVG pixel', positive, 2)
    .addOption(forceFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      example(
        'diagram specs/dalight3d.unet -o dalight3d.svg',
        'diagram specs/ablations/no-csa.unet --diff -o no-csa.png --theme dark',
        'diagram specs/dalight3d.unet --set width=32 --diff -o wide.png --scale 3',
      ),
    )
    .action(async (file: string, options: DiagramFlags) =>
      (await import('./commands/diagram.js')).diagram(file, options),
    );
  program
    .command('lsp')
    .description('Start the language server for editors: diagnostics, hover, completion, rename and more')
    .requiredOption('--stdio', 'Communicate over standard input and output')
    .addHelpText('after', example('lsp --stdio'))
    .action(async () => (await import('./commands/lsp.js')).lsp());
  program
    .command('explain')
    .description('Explain a diagnostic: what it means, why it exists, an example and its fix')
    .argument('[code...]', 'Codes such as UNET3007; omit them to list all codes')
    .addOption(choice('--format <form>', 'Output format', ['text', 'json'], 'text'))
    .addHelpText('after', example('explain UNET3007', 'explain --format json'))
    .action(async (codes: string[], options: ExplainFlags) =>
      (await import('./commands/explain.js')).explain(codes, options),
    );
}

function addRunCommands(program: Command): void {
  program
    .command('quickstart')
    .description('Generate phantom data and run a small ablation study on it (a few minutes on two cores)')
    .option('-o, --output <dir>', 'Folder for the data and the study', 'quickstart')
    .option('--steps <n>', 'Number of training steps per job (default: as in the study)', wholeFrom(1))
    .option('--seed <n>', 'Random seed of the phantoms', wholeFrom(0), 1)
    .option('--jobs <n>', 'Maximum number of parallel jobs (default: as many as cores and memory allow)', wholeFrom(1))
    .addOption(engineFlag())
    .addOption(threadsFlag())
    .addOption(jsonFlag())
    .addHelpText('after', example('quickstart', 'quickstart -o /tmp/first --steps 50'))
    .action(async (options: QuickstartFlags) => (await import('./commands/quickstart.js')).quickstart(options));
  program
    .command('train')
    .description('Train a model on a data set and write a run folder')
    .argument('<file>', 'A .unet file, or FILE#Model')
    .requiredOption('--data <dir>', 'Data set: a folder (Decathlon, nnU-Net v2, BraTS) or a CSV of paths')
    .requiredOption('-o, --output <dir>', 'Run folder to create, or to resume with --resume')
    .option(...modelFlag)
    .addOption(setFlag())
    .option('--protocol <name>', 'Protocol to use if the spec has several in scope (default: Matched50)')
    .option('--fold <k>', 'Fold to hold out, from 0', wholeFrom(0))
    .option('--validation <cases>', 'Comma-separated cases to hold out (default: the split of the protocol)', names)
    .option('--patch <sizes>', 'Patch size (default: as in the protocol)', sizes)
    .option('--steps <n>', 'Number of training steps (default: as in the protocol)', wholeFrom(1))
    .option('--lr <rate>', 'Learning rate (default: as in the protocol)', learningRate)
    .option('--seed <n>', 'Random seed (default: 1)', wholeFrom(0))
    .addOption(engineFlag())
    .addOption(threadsFlag())
    .option('--resume', 'Resume the run exactly where it stopped')
    .addOption(allowFlag('shared-labels'))
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      example(
        'train specs/dalight3d.unet --data Task01_BrainTumour -o runs/dalight',
        'train specs/dalight3d.unet --data Task01_BrainTumour -o runs/dalight --resume',
        'train specs/dalight3d.unet --data phantoms -o runs/narrow --set width=8 --set neck=32 --patch 32,32,32 --steps 200',
      ),
    )
    .action(async (file: string, options: TrainFlags) => (await import('./commands/train.js')).train(file, options));
  program
    .command('predict')
    .description(
      'Segment a case, or all cases of a folder, with a sliding window and write NIfTI masks with the affines of the images',
    )
    .argument('<run>', 'Run folder')
    .option('--data <dir>', 'Data set: a folder (Decathlon, nnU-Net v2, BraTS) or a CSV of paths')
    .option('--case <id>', 'Id of a case in the data set (default: all cases, written to a folder)')
    .addOption(
      several(
        '--image <file>',
        'NIfTI image to segment: a file of all channels, or CHANNEL=FILE for each (repeatable)',
      ),
    )
    .addOption(
      several('--identifier <input=value>', 'Value of an identifier for --image, such as site=north (repeatable)'),
    )
    .requiredOption('-o, --output <file>', 'Output mask (.nii.gz), or a folder for the masks of all cases')
    .option('--probabilities <file>', 'Also write the probabilities (4-D .nii.gz, or a folder)')
    .option('--picture <file>', 'Also write an image of slices with the mask (.png, or a folder)')
    .addOption(mirrorFlag())
    .addOption(noMirrorFlag())
    .addOption(regionFlag())
    .addOption(forceFlag())
    .addOption(engineFlag())
    .addOption(threadsFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      example(
        'predict runs/dalight --data Task01_BrainTumour --case BRATS_001 -o mask.nii.gz',
        'predict runs/dalight --data imagesTs -o masks',
        'predict runs/dalight --image FLAIR=a.nii.gz --image T1w=b.nii.gz --image T1gd=c.nii.gz --image T2w=d.nii.gz -o mask.nii.gz',
      ),
    )
    .action(async (run: string, options: PredictFlags) =>
      (await import('./commands/predict.js')).predict(run, options),
    );
  program
    .command('evaluate')
    .description(
      'Score a run or a folder of masks by case and class: Dice, IoU, sensitivity, specificity, precision, HD95, calibration',
    )
    .argument('[run]', 'Run folder (or use --masks)')
    .option('--masks <dir>', 'Score the masks CASE.nii.gz of this folder, from any source, instead of a run')
    .requiredOption('--data <dir>', 'Data set: a folder (Decathlon, nnU-Net v2, BraTS) or a CSV of paths')
    .addOption(
      several(
        '--case <id>',
        'Case to score (repeatable; default: the validation cases of the run, or all with a mask)',
      ),
    )
    .addOption(choice('--format <form>', 'Output format', ['text', 'json', 'csv'], 'text'))
    .option('-o, --output <file>', 'Write the report to a file')
    .option('--pictures <dir>', 'Write images of slices of each case with ground truth and prediction (.png)')
    .addOption(allowFlag('training-cases'))
    .addOption(allowFlag('unfinished'))
    .addOption(allowFlag('shared-labels'))
    .addOption(mirrorFlag())
    .addOption(noMirrorFlag())
    .addOption(regionFlag())
    .addOption(forceFlag())
    .addOption(engineFlag())
    .addOption(threadsFlag())
    .addHelpText(
      'after',
      example(
        'evaluate runs/dalight --data Task01_BrainTumour --format json',
        'evaluate --masks masks --data Task01_BrainTumour',
      ),
    )
    .action(async (run: string | undefined, options: EvaluateFlags) =>
      (await import('./commands/evaluate.js')).evaluate(run, options),
    );
  program
    .command('import')
    .description('Create a run from exported weights or weights trained elsewhere')
    .argument('<file>', 'A .unet file, or FILE#Model')
    .requiredOption('--weights <file>', 'Weights in PyTorch layouts: .safetensors, .npz, .pt or .pth')
    .option('-o, --output <dir>', 'Run folder to create (required, unless --write-map is given)')
    .option(...modelFlag)
    .addOption(setFlag())
    .option('--map <file|auto>', 'JSON file {"weight id": "source name"}, or auto to match what is unambiguous')
    .option(
      '--write-map <file>',
      'Write a draft of the map instead of importing, with candidates where there is a choice',
    )
    .addOption(several('--ignore <pattern>', 'Source tensors to leave out, such as "aux.*" (repeatable)'))
    .option('--verify <file>', 'Input and logits of the source network, which the imported network must compute')
    .addOption(
      several(
        '--verify-output <output=tensor>',
        'Tensor of the case that contains an output, such as logits=output_3 (repeatable)',
      ),
    )
    .option('--patch <sizes>', 'Patch size for later predictions (default: as in training)', sizes)
    .option('--protocol <name>', 'Protocol the weights were trained with, if the file does not contain it')
    .option('--data <dir>', 'Data set the weights were trained on, if the file does not contain it')
    .addOption(several('--identifier <input=a,b>', 'Names of the values of an identifier, in order (repeatable)'))
    .addOption(forceFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      example(
        'import specs/dalight3d.unet --weights dalight.pt --map specs/maps/dalight3d.json -o runs/released',
        'import net.unet --weights model.pt --map auto --write-map names.json',
        'import net.unet --weights model.pt --map names.json --verify case.safetensors -o runs/1',
      ),
    )
    .action(async (file: string, options: ImportFlags) =>
      (await import('./commands/import.js')).importRun(file, options),
    );
  program
    .command('apply')
    .description('Apply the network of a run to given tensors: all outputs, gradients, losses of training steps')
    .argument('<run>', 'Run folder')
    .requiredOption('--inputs <file>', 'Safetensors file with the inputs of the spec by name (N C D H W) and `target`')
    .requiredOption('-o, --output <file>', 'Output safetensors file')
    .option('--gradients', 'Also write the gradient of the loss for each weight under its id')
    .option('--steps <n>', 'Train for this many steps on the batch without dropout and write the losses', wholeFrom(0))
    .addOption(forceFlag())
    .addOption(engineFlag())
    .addOption(threadsFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      example('apply runs/released --inputs case.safetensors -o out.safetensors --gradients --steps 3'),
    )
    .action(async (run: string, options: ApplyFlags) => (await import('./commands/apply.js')).apply(run, options));
  program
    .command('export')
    .description('Export the network of a finished run as ONNX, tf.LayersModel or weights only')
    .argument('<run>', 'Run folder')
    .addOption(
      new Option('--format <form>', 'Output format').choices(['onnx', 'tfjs', 'safetensors']).makeOptionMandatory(),
    )
    .requiredOption('-o, --output <path>', 'Output file (for tfjs: folder)')
    .option('--no-check', 'Skip the comparison of the ONNX file with the network')
    .addOption(forceFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      example(
        'export runs/dalight --format onnx -o dalight.onnx',
        'export runs/dalight --format tfjs -o dalight',
        'export runs/dalight --format safetensors -o dalight.safetensors',
      ),
    )
    .action(async (run: string, options: ExportFlags) =>
      (await import('./commands/export.js')).exportRun(run, options),
    );
}

function addEngineCommands(program: Command): void {
  program
    .command('engines')
    .description('List the engines (compute backends): whether each is available, and the operations it supports')
    .option('--ops', 'List every operation instead of the exceptions')
    .option('--verify', 'Compare values and a short training run with cpu, and gradients with finite differences')
    .addOption(choice('--engine <name>', 'Restrict to one engine (auto: all engines)', ENGINE_NAMES, 'auto'))
    .addOption(threadsFlag())
    .addOption(choice('--format <form>', 'Output format', ['text', 'json'], 'text'))
    .addHelpText('after', example('engines', 'engines --verify --engine wasm', 'engines --format json'))
    .action(async (options: EnginesFlags) => (await import('./commands/engines.js')).engines(options));
}

function addDataCommands(program: Command): void {
  const data = program.command('data').description('Check data sets and generate phantom data sets');
  data
    .command('check')
    .description('Read every case and report shapes, spacings, classes, NaN values and mismatched geometry')
    .argument('<dir>', 'Data set: a folder (Decathlon, nnU-Net v2, BraTS) or a CSV of paths')
    .addOption(choice('--format <form>', 'Output format', ['text', 'json'], 'text'))
    .addHelpText('after', example('data check Task01_BrainTumour'))
    .action(async (dir: string, options: DataCheckFlags) =>
      (await import('./commands/data.js')).dataCheck(dir, options),
    );
  data
    .command('synth')
    .description('Generate a phantom data set: heads with nested tumours in four contrasts, from three sites')
    .requiredOption('-o, --output <dir>', 'Folder to create')
    .requiredOption('--cases <n>', 'Number of cases', wholeFrom(1))
    .option('--size <sizes>', 'Number of voxels along D, H, W', sizes, [64, 64, 64])
    .option('--seed <n>', 'Random seed; the same seed gives the same bytes', wholeFrom(0), 1)
    .addOption(jsonFlag())
    .addHelpText('after', example('data synth -o phantoms --cases 12 --size 48,48,48'))
    .action(async (options: DataSynthFlags) => (await import('./commands/data.js')).dataSynth(options));
}

function addSetupCommands(program: Command): void {
  program
    .command('init')
    .description('Create a starter spec with variants')
    .option('-o, --output <dir>', 'Folder to create the files in', '.')
    .addOption(
      choice(
        '--starter <name>',
        'A plain 3-D U-Net, DALight-3D, or a small study',
        ['unet', 'dalight3d', 'study'],
        'unet',
      ),
    )
    .addOption(jsonFlag())
    .addHelpText('after', example('init', 'init -o ablation --starter dalight3d', 'init -o first --starter study'))
    .action(async (options: InitFlags) => (await import('./commands/init.js')).init(options));
  program
    .command('doctor')
    .description('Show the environment: Node.js, available and unavailable engines, cores, memory, data')
    .option('--data <dir>', 'Also check this data set')
    .addOption(choice('--format <form>', 'Output format', ['text', 'json'], 'text'))
    .addHelpText('after', example('doctor', 'doctor --data Task01_BrainTumour --format json'))
    .action(async (options: DoctorFlags) => (await import('./commands/doctor.js')).doctor(options));
  program
    .command('completion')
    .description('Print a completion script for a shell')
    .addArgument(new Argument('<shell>', 'Shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      example('completion bash > ~/.local/share/bash-completion/completions/unet', 'completion zsh', 'completion fish'),
    )
    .action(async (shell: Shell) => (await import('./commands/completion.js')).completion(shell, program));
}
