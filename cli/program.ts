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
import type { PredictFlags } from './commands/predict.js';
import type { QuickstartFlags } from './commands/quickstart.js';
import type { ReportFlags } from './commands/report.js';
import type { TrainFlags } from './commands/train.js';
import { colours } from './colours.js';
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
  positive,
  setFlag,
  several,
  sizes,
  threadsFlag,
  wholeFrom,
} from './flags.js';
import { print, tell } from './terminal.js';
import { addStudyCommands } from './study-program.js';
import { ENGINE_NAMES } from '../runtime/engine/catalogue.js';

const exitCodesText = `
Exit codes: ${exitCodes.success} done (warnings too), ${exitCodes.diagnostics} faults in specs, data, weights or files, ${exitCodes.usage} a wrong command line, ${exitCodes.interrupted} stopped by Ctrl-C.
unet COMMAND --help shows examples.`;

/** The command line: every command with its flags. Each loads what it needs when it is run. */
export function createProgram(): Command {
  const program = new Command('unet')
    .description(
      'Checks .unet architecture specs, compiles them to TensorFlow.js, trains and evaluates them on NIfTI data.',
    )
    .version(packageVersion(), '-V, --version')
    .addHelpText('after', exitCodesText)
    .exitOverride();
  addSpecCommands(program);
  addRunCommands(program);
  addStudyCommands(program);
  addDataCommands(program);
  addEngineCommands(program);
  addSetupCommands(program);
  inherit(program);
  return program;
}

/** Every command ends by an exception, and on a wrong flag says where its flags are told. */
function inherit(command: Command, path = command.name()): void {
  command
    .exitOverride()
    .showHelpAfterError(`  ${colours.cyan('help')}: ${path} --help shows how it is used`)
    .configureOutput({
      writeOut: print,
      writeErr: tell,
      outputError: (text, write) => write(text.replace(/^error:/, `${colours.red('error')}:`)),
    });
  const format = command.options.find((option) => option.attributeName() === 'format');
  if (format?.argChoices?.includes('json') === true) {
    command.addOption(new Option('--json', 'the same as --format json'));
    command.hook('preAction', () => {
      if (command.getOptionValue('json') === true) command.setOptionValue('format', 'json');
    });
  }
  for (const child of command.commands) inherit(child, `${path} ${child.name()}`);
}

function addSpecCommands(program: Command): void {
  program
    .command('check')
    .description('reports everything that is wrong with specs; exits 1 on errors, 0 where there are only warnings')
    .argument('<file...>', '.unet files')
    .addOption(choice('--format <form>', 'how to report', ['text', 'json'], 'text'))
    .addHelpText('after', example('check specs/dalight3d.unet', 'check specs/*.unet --format json'))
    .action(async (files: string[], options: CheckFlags) =>
      (await import('./commands/check.js')).check(files, options),
    );
  program
    .command('report')
    .description('parameters, MACs, activation memory and receptive field, as a tree of stages and blocks')
    .argument('<file>', 'a .unet file, or FILE#Model')
    .option(...modelFlag)
    .addOption(setFlag())
    .option('--patch <sizes>', 'patch to report at; default 64 along each axis, or the nearest legal size', sizes)
    .option('--depth <levels>', 'levels of modules to list inside each stage', wholeFrom(0), 1)
    .option('--ops', 'list every operation instead')
    .addOption(choice('--format <form>', 'how to report', ['text', 'json', 'markdown'], 'text'))
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
    .description('writes the model as a TypeScript module that builds a tf.LayersModel')
    .argument('<file>', 'a .unet file, or FILE#Model')
    .option(...modelFlag)
    .addOption(setFlag())
    .requiredOption('-o, --out <dir>', 'folder to write to')
    .addOption(forceFlag())
    .addOption(jsonFlag())
    .addHelpText('after', example('compile specs/dalight3d.unet -o generated'))
    .action(async (file: string, options: CompileFlags) =>
      (await import('./commands/compile.js')).compile(file, options),
    );
  program
    .command('fmt')
    .description('rewrites specs in the one canonical form')
    .argument('<file...>', '.unet files')
    .option('--check', 'writes nothing, names the files that would change and exits 1 where there are any')
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      example('fmt specs/dalight3d.unet', 'fmt --check specs/*.unet', 'fmt --check --json specs/*.unet'),
    )
    .action(async (files: string[], options: FmtFlags) => (await import('./commands/fmt.js')).fmt(files, options));
  program
    .command('diff')
    .description('what differs between two networks: knobs, modules, costs, and whether they still train alike')
    .argument('<before>', 'a .unet file, FILE#Model, or REVISION:FILE as git has it')
    .argument('[after]', 'another one; with --set it may be left out')
    .addOption(several('--set <knob=value>', 'gives a knob of the second another value; may be repeated'))
    .option(
      '--patch <sizes>',
      'patch to count costs at; default 64 along each axis, or the next size both allow',
      sizes,
    )
    .option('--at <file>', 'takes both files to lie there, for what they use; for git difftool')
    .addOption(choice('--format <form>', 'how to report', ['text', 'markdown', 'html', 'json'], 'text'))
    .addHelpText(
      'after',
      example(
        'diff specs/dalight3d.unet specs/ablations/no-csa.unet',
        'diff specs/dalight3d.unet --set width=32 --format markdown',
        'diff HEAD:specs/dalight3d.unet specs/dalight3d.unet',
      ),
    )
    .action(async (before: string, after: string | undefined, options: DiffFlags) =>
      (await import('./commands/diff.js')).diff(before, after, options),
    );
  program
    .command('diagram')
    .description('draws a network as SVG or PNG: levels, skips, what each block is made of, shapes and parameters')
    .argument('<file>', 'a .unet file, FILE#Model, or REVISION:FILE as git has it')
    .requiredOption('-o, --out <file>', 'the picture to write, .svg or .png')
    .option(...modelFlag)
    .addOption(setFlag())
    .option('--diff [base]', 'marks what differs from another spec; alone, from the model that a variant starts from')
    .option('--patch <sizes>', 'patch to give shapes at; default 64 along each axis, or the nearest legal size', sizes)
    .option('--scale <factor>', 'pixels of a PNG for each of the SVG', positive, 2)
    .addOption(forceFlag())
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      example(
        'diagram specs/dalight3d.unet -o dalight3d.svg',
        'diagram specs/ablations/no-csa.unet --diff -o no-csa.png',
        'diagram specs/dalight3d.unet --set width=32 --diff --out wide.png --scale 3',
      ),
    )
    .action(async (file: string, options: DiagramFlags) =>
      (await import('./commands/diagram.js')).diagram(file, options),
    );
  program
    .command('lsp')
    .description('a language server for editors: diagnostics, hover, completion, rename, and so on')
    .requiredOption('--stdio', 'speaks on standard input and output')
    .addHelpText('after', example('lsp --stdio'))
    .action(async () => (await import('./commands/lsp.js')).lsp());
  program
    .command('explain')
    .description('prints the page of a diagnostic: what it means, why, an example and its repair')
    .argument('[code]', 'a code such as UNET3007; without one, lists them all')
    .addOption(choice('--format <form>', 'how to print', ['text', 'json'], 'text'))
    .addHelpText('after', example('explain UNET3007', 'explain --format json'))
    .action(async (code: string | undefined, options: ExplainFlags) =>
      (await import('./commands/explain.js')).explain(code, options),
    );
}

function addRunCommands(program: Command): void {
  program
    .command('quickstart')
    .description(
      'makes phantom data and runs a small study on it, to a table of what components do: a few minutes on two cores',
    )
    .option('--out <dir>', 'folder for data and study', 'quickstart')
    .option('--steps <n>', 'training steps of each job in place of those of the study', wholeFrom(1))
    .option('--seed <n>', 'key of the phantoms', wholeFrom(0), 1)
    .option('--jobs <n>', 'most jobs at a time; default: as many as cores and memory allow', wholeFrom(1))
    .addOption(engineFlag())
    .addOption(threadsFlag())
    .addOption(jsonFlag())
    .addHelpText('after', example('quickstart', 'quickstart --out /tmp/first --steps 50'))
    .action(async (options: QuickstartFlags) => (await import('./commands/quickstart.js')).quickstart(options));
  program
    .command('train')
    .description('trains a model on a data set in the Decathlon layout and writes a run folder')
    .argument('<file>', 'a .unet file, or FILE#Model')
    .requiredOption('--data <dir>', 'the folder that holds dataset.json')
    .requiredOption('--run <dir>', 'the run folder to write, or with --resume to go on with')
    .option(...modelFlag)
    .addOption(setFlag())
    .option('--protocol <name>', 'the protocol, where the spec sees several; default Matched50')
    .option('--fold <k>', 'fold of the split, from 0', wholeFrom(0))
    .option('--validation <cases>', 'cases to hold out, joined by commas, in place of the split of the protocol', names)
    .option('--patch <sizes>', 'patch in place of that of the protocol', sizes)
    .option('--steps <n>', 'steps in place of the length the protocol gives', wholeFrom(1))
    .option('--lr <rate>', 'learning rate in place of that of the protocol', positive)
    .option('--seed <n>', 'key of everything random; default 1', wholeFrom(0))
    .addOption(engineFlag())
    .addOption(threadsFlag())
    .option('--resume', 'resume the run where it stopped, exactly')
    .addOption(allowFlag('shared-labels'))
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      example(
        'train specs/dalight3d.unet --data Task01_BrainTumour --run runs/dalight',
        'train specs/dalight3d.unet --data Task01_BrainTumour --run runs/dalight --resume',
        'train specs/dalight3d.unet --data phantoms --run runs/narrow --set width=8 --set neck=32 --patch 32,32,32 --steps 200',
      ),
    )
    .action(async (file: string, options: TrainFlags) => (await import('./commands/train.js')).train(file, options));
  program
    .command('predict')
    .description('segments a case by sliding window and writes a NIfTI mask with the affine of its image')
    .argument('<run>', 'a run folder')
    .option('--data <dir>', 'the folder that holds dataset.json')
    .option('--case <id>', 'a case of the data set')
    .option('--image <file>', 'a NIfTI image instead of a case')
    .addOption(
      several('--identifier <input=value>', 'value of an identifier for --image, such as site=north; may be repeated'),
    )
    .requiredOption('-o, --out <file>', 'the mask to write, .nii.gz')
    .option('--probabilities <file>', 'also writes the probabilities, 4-D .nii.gz')
    .option('--picture <file>', 'also writes slices with the mask, .png')
    .addOption(forceFlag())
    .addOption(engineFlag())
    .addOption(threadsFlag())
    .addOption(jsonFlag())
    .addHelpText('after', example('predict runs/dalight --data Task01_BrainTumour --case BRATS_001 -o mask.nii.gz'))
    .action(async (run: string, options: PredictFlags) =>
      (await import('./commands/predict.js')).predict(run, options),
    );
  program
    .command('evaluate')
    .description('scores a run by case and class: Dice, IoU, sensitivity, specificity, precision, HD95, calibration')
    .argument('<run>', 'a run folder')
    .requiredOption('--data <dir>', 'the folder that holds dataset.json')
    .addOption(several('--case <id>', 'a case to score; may be repeated; default: the validation cases of the run'))
    .addOption(choice('--format <form>', 'how to report', ['text', 'json', 'csv'], 'text'))
    .option('-o, --out <file>', 'writes the report to a file as well')
    .option('--pictures <dir>', 'writes slices of each case with truth and prediction, .png')
    .addOption(allowFlag('training-cases'))
    .addOption(allowFlag('unfinished'))
    .addOption(allowFlag('shared-labels'))
    .addOption(forceFlag())
    .addOption(engineFlag())
    .addOption(threadsFlag())
    .addHelpText('after', example('evaluate runs/dalight --data Task01_BrainTumour --format json'))
    .action(async (run: string, options: EvaluateFlags) =>
      (await import('./commands/evaluate.js')).evaluate(run, options),
    );
  program
    .command('import')
    .description('create a run from weights trained elsewhere or exported')
    .argument('<file>', 'a .unet file, or FILE#Model')
    .requiredOption('--weights <file>', 'a safetensors file, layouts as in PyTorch')
    .requiredOption('--run <dir>', 'the run folder to write')
    .option(...modelFlag)
    .addOption(setFlag())
    .option('--map <file|auto>', 'JSON {"our weight id": "source name"}, or auto: pairs by order and shape')
    .option(
      '--allow-ambiguous',
      'let --map auto pair weights that only the alphabetical order of their names tells apart',
    )
    .option('--patch <sizes>', 'patch for later predictions; default: that of the training', sizes)
    .option('--protocol <name>', 'protocol that the weights were trained with, if the file does not contain it')
    .option('--data <dir>', 'data set that the weights were trained on, if the file does not contain it')
    .addOption(jsonFlag())
    .addHelpText(
      'after',
      example('import specs/dalight3d.unet --weights w.safetensors --map names.json --run runs/released'),
    )
    .action(async (file: string, options: ImportFlags) =>
      (await import('./commands/import.js')).importRun(file, options),
    );
  program
    .command('apply')
    .description(
      'runs the network of a run on given tensors: logits, probabilities, gradients, losses of training steps',
    )
    .argument('<run>', 'a run folder')
    .requiredOption('--inputs <file>', 'safetensors named as the inputs of the spec (N C D H W), and `target`')
    .requiredOption('-o, --out <file>', 'safetensors to write')
    .option('--gradients', 'writes the gradient of the loss for each weight, under its id')
    .option('--steps <n>', 'trains that many steps on the batch, dropout off, and writes the losses', wholeFrom(0))
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
    .description('writes the network of a finished run for other programs: ONNX, tf.LayersModel, or its weights alone')
    .argument('<run>', 'a run folder')
    .addOption(
      new Option('--format <form>', 'what to write').choices(['onnx', 'tfjs', 'safetensors']).makeOptionMandatory(),
    )
    .requiredOption('-o, --out <path>', 'the file to write, or for tfjs the folder')
    .option('--no-check', 'does not run the ONNX file beside the network before it is written')
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
    .description(
      'what computes here: each engine, why it is not available, and the operations it has kernels and gradients for',
    )
    .option(
      '--verify',
      'holds values against cpu, gradients against finite differences and a short training against cpu',
    )
    .addOption(choice('--engine <name>', 'one engine alone; auto: all', ENGINE_NAMES, 'auto'))
    .addOption(threadsFlag())
    .addOption(choice('--format <form>', 'how to report', ['text', 'json'], 'text'))
    .addHelpText('after', example('engines', 'engines --verify --engine wasm', 'engines --format json'))
    .action(async (options: EnginesFlags) => (await import('./commands/engines.js')).engines(options));
}

function addDataCommands(program: Command): void {
  const data = program.command('data').description('checks data sets and makes phantom ones');
  data
    .command('check')
    .description('reads every case and reports shapes, spacings, classes, NaN and mismatched geometry')
    .argument('<dir>', 'the folder that holds dataset.json')
    .addOption(choice('--format <form>', 'how to report', ['text', 'json'], 'text'))
    .addHelpText('after', example('data check Task01_BrainTumour'))
    .action(async (dir: string, options: DataCheckFlags) =>
      (await import('./commands/data.js')).dataCheck(dir, options),
    );
  data
    .command('synth')
    .description('writes a phantom data set: heads with nested tumours over four contrasts, from three sites')
    .argument('<dir>', 'the folder to write')
    .requiredOption('--cases <n>', 'how many', wholeFrom(1))
    .option('--size <sizes>', 'voxels along D, H, W', sizes, [64, 64, 64])
    .option('--seed <n>', 'the same seed gives the same bytes', wholeFrom(0), 1)
    .addOption(jsonFlag())
    .addHelpText('after', example('data synth phantoms --cases 12 --size 48,48,48'))
    .action(async (dir: string, options: DataSynthFlags) =>
      (await import('./commands/data.js')).dataSynth(dir, options),
    );
}

function addSetupCommands(program: Command): void {
  program
    .command('init')
    .description('writes a spec to begin with, and variants of it')
    .argument('[dir]', 'the folder to write to', '.')
    .addOption(
      choice(
        '--starter <name>',
        'a plain 3-D U-Net, DALight-3D, or a small study',
        ['unet', 'dalight3d', 'study'],
        'unet',
      ),
    )
    .addOption(jsonFlag())
    .addHelpText('after', example('init', 'init ablation --starter dalight3d', 'init first --starter study'))
    .action(async (dir: string, options: InitFlags) => (await import('./commands/init.js')).init(dir, options));
  program
    .command('doctor')
    .description('tells what this machine offers: Node, engines (and why others are not there), cores, memory, data')
    .option('--data <dir>', 'also reads a data set, the folder that holds dataset.json')
    .addOption(choice('--format <form>', 'how to report', ['text', 'json'], 'text'))
    .addHelpText('after', example('doctor', 'doctor --data Task01_BrainTumour --format json'))
    .action(async (options: DoctorFlags) => (await import('./commands/doctor.js')).doctor(options));
  program
    .command('completion')
    .description('prints a script that completes commands, flags and their values in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(['bash', 'zsh', 'fish']))
    .addHelpText(
      'after',
      example('completion bash > ~/.local/share/bash-completion/completions/unet', 'completion zsh', 'completion fish'),
    )
    .action(async (shell: Shell) => (await import('./commands/completion.js')).completion(shell, program));
}
