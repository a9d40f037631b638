/** A model as a command is told of it. */
export interface NamedModel {
  readonly uri: string;
  readonly model: string;
}

/** The commands of the lenses; an editor's extension carries them out (see `editor/vscode`). */
export const lensCommands = { report: 'unet.report', ablate: 'unet.ablate', diff: 'unet.diff' } as const;

/** What the server itself carries out: each gives a Markdown text, or null where the model has faults. */
export const serverCommands = { report: 'unet.server.report', ablations: 'unet.server.ablations' } as const;
