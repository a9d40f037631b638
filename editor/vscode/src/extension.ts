import { basename } from 'node:path';
import { commands, Uri, window, workspace, type ExtensionContext } from 'vscode';
import { LanguageClient, TransportKind, type Executable } from 'vscode-languageclient/node';
import {
  diagramRequest,
  lensCommands,
  serverCommands,
  type DiagramAnswer,
  type DiagramParams,
  type NamedModel,
  type NamedStudy,
} from '../../command-names.js';
import { DiagramPreview } from './diagram-preview.js';
import { findCommandLine, runCommandLine, type CommandLine } from './command-line.js';
import { OutputDocuments } from './output-documents.js';

let client: LanguageClient | undefined;

/** Starts the language server and registers the commands of its lenses. */
export async function activate(context: ExtensionContext): Promise<void> {
  const outputs = new OutputDocuments();
  const preview = new DiagramPreview(context.extensionUri, drawDiagram);
  context.subscriptions.push(
    outputs.register(),
    ...preview.register(),
    commands.registerCommand('unet.preview', () => preview.show()),
    commands.registerCommand(lensCommands.diagram, (model: NamedModel) => preview.show(model)),
    commands.registerCommand('unet.restart', restart),
    commands.registerCommand(lensCommands.report, (model: NamedModel) =>
      showAnswer(outputs, serverCommands.report, `${model.model} report`, model.model, model),
    ),
    commands.registerCommand(lensCommands.ablate, (model: NamedModel) =>
      showAnswer(outputs, serverCommands.ablations, `${model.model} ablations`, model.model, model),
    ),
    commands.registerCommand(lensCommands.study, (study: NamedStudy) =>
      showAnswer(outputs, serverCommands.study, `${study.study} study`, study.study, study),
    ),
    commands.registerCommand(lensCommands.diff, (base: NamedModel, variant: NamedModel) =>
      showDifference(outputs, base, variant),
    ),
    workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('unet')) void restart();
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await client?.stop();
}

async function start(): Promise<void> {
  const line = commandLine();
  const run: Executable = {
    command: line.command,
    args: [...line.arguments, 'lsp'],
    transport: TransportKind.stdio,
  };
  client = new LanguageClient('unet', 'unet', run, {
    documentSelector: [{ language: 'unet' }],
    diagnosticPullOptions: { onChange: true, onSave: true, onFocus: true },
    initializationOptions: { diagnosticsDelay: workspace.getConfiguration('unet').get<number>('diagnostics.delay') },
  });
  try {
    await client.start();
  } catch (error) {
    const tried = [line.command, ...line.arguments].join(' ');
    const reason = error instanceof Error ? error.message : String(error);
    const help = 'Install unet-lang in this folder (npm install unet-lang), or set unet.command to the command to run.';
    void window.showErrorMessage(
      `unet: the language server \`${tried} lsp --stdio\` did not start: ${reason}. ${help}`,
    );
  }
}

async function restart(): Promise<void> {
  await client?.stop().catch(() => undefined);
  await start();
}

function commandLine(): CommandLine {
  const setting = workspace.getConfiguration('unet').get<readonly string[]>('command') ?? [];
  return findCommandLine(
    setting,
    (workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
  );
}

/** Asks the server for a diagram; undefined if it is not running, which has been reported already. */
async function drawDiagram(params: DiagramParams): Promise<DiagramAnswer | null | undefined> {
  return client?.sendRequest<DiagramAnswer | null>(diagramRequest, params).catch(() => undefined);
}

/** Asks the server, which knows unsaved changes. */
async function showAnswer(
  outputs: OutputDocuments,
  command: string,
  title: string,
  name: string,
  given: NamedModel | NamedStudy,
): Promise<void> {
  const params = { command, arguments: [given] };
  const text = await client?.sendRequest<string | null>('workspace/executeCommand', params);
  if (typeof text === 'string') await outputs.show(title, text);
  else void window.showWarningMessage(`unet: \`${name}\` has errors, so there is nothing to show.`);
}

/** Runs `unet diff BASE#Model VARIANT#Model` on the saved files. */
async function showDifference(outputs: OutputDocuments, base: NamedModel, variant: NamedModel): Promise<void> {
  await workspace.saveAll(false);
  const named = ({ uri, model }: NamedModel): string => `${Uri.parse(uri).fsPath}#${model}`;
  const folder = workspace.getWorkspaceFolder(Uri.parse(variant.uri))?.uri.fsPath;
  try {
    const given = ['diff', named(base), named(variant), '--format', 'markdown'];
    const text = await runCommandLine(commandLine(), given, folder);
    await outputs.show(`${base.model} to ${variant.model}`, text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    void window.showErrorMessage(`unet diff of ${basename(Uri.parse(variant.uri).fsPath)}: ${reason}`);
  }
}
