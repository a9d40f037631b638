import type { Rule } from 'eslint';

export function noImportCycle(folders: readonly string[]): Rule.RuleModule;
