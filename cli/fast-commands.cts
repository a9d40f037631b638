/** Commands that start from the bundle; each must do without a module that it imports only when it needs it. */
const fastCommands: readonly string[] = ['check', 'report', 'fmt', 'explain', 'init', 'completion', 'lsp'];
export = fastCommands;
