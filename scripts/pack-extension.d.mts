/** The files of the VS Code extension, by their paths in it. */
export function extensionFiles(): Promise<Readonly<Record<string, Uint8Array>>>;
/** The extension as a .vsix archive. */
export function packExtension(): Promise<Uint8Array>;
