/** Commands that start from the bundle; none of them may need a module that it imports dynamically. */
const fastCommands: readonly string[] = ['check', 'report', 'fmt', 'explain', 'init', 'completion', 'lsp'];
export = fastCommands;
