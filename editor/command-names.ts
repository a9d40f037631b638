/** The argument of a command about a model. */
export interface NamedModel {
  readonly uri: string;
  readonly model: string;
}

/** The argument of a command about a study. */
export interface NamedStudy {
  readonly uri: string;
  readonly study: string;
}

/** The commands of the lenses; an editor's extension executes them (see `editor/vscode`). */
export const lensCommands = {
  report: 'unet.report',
  diagram: 'unet.diagram',
  ablate: 'unet.ablate',
  diff: 'unet.diff',
  study: 'unet.study',
} as const;

/** Commands that the server executes. Each returns Markdown, or null if the model or study has errors. */
export const serverCommands = {
  report: 'unet.server.report',
  ablations: 'unet.server.ablations',
  study: 'unet.server.study',
} as const;

/** The request for a diagram of a model, with `DiagramParams`; it returns `DiagramAnswer`, or null without a model. */
export const diagramRequest = 'unet/diagram';

/** A model of a document: the one with the name, else the one around the position, else the first. */
export interface DiagramParams {
  readonly uri: string;
  readonly model?: string;
  readonly position?: { readonly line: number; readonly character: number };
}

/** The diagram of a model. */
export interface DiagramAnswer {
  readonly model: string;
  /** The models of the document, in order. */
  readonly models: readonly string[];
  /** The diagram, as an SVG document; null if the model has errors. */
  readonly svg: string | null;
}
