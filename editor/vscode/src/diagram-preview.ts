import { Uri, ViewColumn, window, workspace, type Disposable, type TextDocument, type WebviewPanel } from 'vscode';
import type { DiagramAnswer, DiagramParams } from '../../command-names.js';

/** Milliseconds without typing after which a diagram is drawn again. */
const delay = 300;

/** Asks the server for a diagram; undefined if there is no server. */
export type Draw = (params: DiagramParams) => Promise<DiagramAnswer | null | undefined>;

/** The diagram of a spec beside its editor, drawn again when the text changes. There is one, for the spec edited last. */
export class DiagramPreview {
  private panel: WebviewPanel | undefined;
  private shown: DiagramParams | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** Incremented with every request, so that an answer that has been overtaken is dropped. */
  private request = 0;

  constructor(
    private readonly extension: Uri,
    private readonly draw: Draw,
  ) {}

  /** Draws again when the text of the shown spec changes or is saved, and follows the editor to another spec. */
  register(): readonly Disposable[] {
    return [
      workspace.onDidChangeTextDocument(({ document }) => this.changed(document)),
      workspace.onDidSaveTextDocument((document) => this.changed(document)),
      window.onDidChangeActiveTextEditor((editor) => {
        const document = editor?.document;
        if (this.panel === undefined || document?.languageId !== 'unet') return;
        if (document.uri.toString() !== this.shown?.uri) void this.show(paramsAt(document, editor?.selection.active));
      }),
      { dispose: () => void this.panel?.dispose() },
    ];
  }

  /** Shows a model, or the one around the cursor of the active editor. */
  async show(params = activeParams()): Promise<void> {
    if (params === undefined) {
      void window.showInformationMessage('unet: open a .unet spec to see its diagram.');
      return;
    }
    this.shown = params;
    if (this.panel === undefined) this.open();
    else if (!this.panel.visible) this.panel.reveal(undefined, true);
    await this.update();
  }

  private open(): void {
    const media = Uri.joinPath(this.extension, 'media');
    const place = { viewColumn: ViewColumn.Beside, preserveFocus: true };
    const panel = window.createWebviewPanel('unet.diagram', 'Diagram', place, {
      enableScripts: true,
      localResourceRoots: [media],
    });
    const file = (name: string): string => panel.webview.asWebviewUri(Uri.joinPath(media, name)).toString();
    panel.webview.html = pageOf(panel.webview.cspSource, file('preview.css'), file('preview.js'));
    panel.webview.onDidReceiveMessage(({ model }: { model?: unknown }) => {
      // The page has been loaded, or another model has been chosen.
      if (typeof model === 'string' && this.shown !== undefined) this.shown = { uri: this.shown.uri, model };
      void this.update();
    });
    panel.onDidDispose(() => {
      clearTimeout(this.timer);
      this.panel = undefined;
    });
    this.panel = panel;
  }

  private changed(document: TextDocument): void {
    if (this.panel === undefined || this.shown === undefined || document.languageId !== 'unet') return;
    // A library that the spec imports changes its diagram too.
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.update(), delay);
  }

  private async update(): Promise<void> {
    const { shown } = this;
    const request = ++this.request;
    const answer = shown === undefined ? null : await this.draw(shown);
    if (request !== this.request || this.panel === undefined || shown === undefined) return;
    if (answer === undefined) return;
    if (answer !== null) this.shown = { uri: shown.uri, model: answer.model };
    this.panel.title = answer === null ? 'Diagram' : `Diagram of ${answer.model}`;
    await this.panel.webview.postMessage(answer ?? { model: '', models: [], svg: null });
  }
}

function activeParams(): DiagramParams | undefined {
  const editor = window.activeTextEditor;
  return editor?.document.languageId === 'unet' ? paramsAt(editor.document, editor.selection.active) : undefined;
}

function paramsAt(document: TextDocument, position: DiagramParams['position']): DiagramParams {
  const uri = document.uri.toString();
  if (position === undefined) return { uri };
  return { uri, position: { line: position.line, character: position.character } };
}

/**
 * The page of the preview. It may load its own style and script, and images from data; the diagram is such an image, so
 * that nothing in a spec can become part of the page.
 */
export function pageOf(source: string, style: string, script: string): string {
  const policy = `default-src 'none'; img-src data:; style-src ${source}; script-src ${source}`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<link rel="stylesheet" href="${style}">
<title>Diagram</title>
</head>
<body>
<header>
<select id="models" aria-label="Model" hidden></select>
<button id="zoom" type="button" aria-pressed="false" title="Switch between the width of the window and the original size">Original size</button>
<output id="note"></output>
</header>
<img id="diagram" alt="" hidden>
<script src="${script}"></script>
</body>
</html>
`;
}
