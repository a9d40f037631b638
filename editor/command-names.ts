/** A model as a command is told of it. */
export interface NamedModel {
  readonly uri: string;
  readonly model: string;
}

/** A study as a command is told of it. */
export interface NamedStudy {
  readonly uri: string;
  readonly study: string;
}

/** The commands of the lenses; an editor's extension carries them out (see `editor/vscode`). */
export const lensCommands = {
  report: 'unet.report',
  ablate: 'unet.ablate',
  diff: 'unet.diff',
  study: 'unet.study',
} as const;

/** What the server itself carries out: each gives a Markdown text, or null where the model or study has faults. */
export const serverCommands = {
  report: 'unet.server.report',
  ablations: 'unet.server.ablations',
  study: 'unet.server.study',
} as const;
