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
