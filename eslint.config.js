import tseslint from 'typescript-eslint';
import importX from 'eslint-plugin-import-x';
import regexp from 'eslint-plugin-regexp';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import importRules from './scripts/lint/import-rules.js';

/**
 * text <- all; contract, onnx, grammar <- compiler <- cli, editor; contract, onnx <- runtime <- cli; the command line
 * starts the editor's server. A room imports nothing from one that is built on it.
 */
const rooms = [
  { target: './contract', from: ['./text', './onnx', './grammar', './compiler', './runtime', './editor', './cli'] },
  { target: './text', from: ['./contract', './onnx', './grammar', './compiler', './runtime', './editor', './cli'] },
  { target: './onnx', from: ['./text', './grammar', './compiler', './runtime', './editor', './cli'] },
  { target: './grammar', from: ['./contract', './onnx', './compiler', './runtime', './editor', './cli'] },
  { target: './compiler', from: ['./runtime', './editor', './cli'] },
  { target: './runtime', from: ['./grammar', './compiler', './editor', './cli'] },
  { target: './editor', from: ['./runtime', './cli'] },
  { target: './cli', from: './editor', except: ['./server.ts'] },
];

/** What each room of a list may not import: the rooms after it. */
function inOrder(folder, names) {
  return names.map((name, index) => ({
    target: `${folder}/${name}`,
    from: names.slice(index + 1).map((each) => `${folder}/${each}`),
  }));
}

/** The rooms of the compiler, each built on those before it only; `emit` reads the IR, the protocol and generated code alone. */
const compilerRooms = ['shape', 'ir', 'bind', 'evaluate', 'lower', 'generate', 'program', 'protocol', 'study', 'check'];
const compilerZones = [
  ...inOrder('./compiler', [...compilerRooms, 'emit']).slice(0, -1),
  {
    target: './compiler/emit',
    from: compilerRooms
      .filter((room) => !['shape', 'ir', 'protocol', 'generate'].includes(room))
      .map((each) => `./compiler/${each}`),
  },
];

/** The rooms of `runtime/` from the lowest: each imports, types included, only from those before it. */
const runtimeRooms = [
  'errors',
  'random',
  'files',
  'protocol',
  'ops',
  'engine',
  'layers',
  'generated',
  'data',
  'plan',
  'weights',
  'network',
  // `runtime/index.ts`, which generated code imports, lies here: the rooms below may not import it.
  'losses',
  'inference',
  'metrics',
  'training',
  'apply',
  'run',
  'engine-checks',
  'export',
  'pictures',
  'study',
];

const belowIndex = runtimeRooms.slice(0, runtimeRooms.indexOf('losses'));

export default tseslint.config(
  {
    ignores: [
      'quickstart/**',
      'runs/**',
      'generated/**',
      'data/**',
      'dist/**',
      'dist.*/**',
      'editor/vscode/dist/**',
      'editor/playground/dist/**',
      '.unet-test/**',
      'node_modules/**',
      'test/**/expected/**',
    ],
  },
  ...tseslint.configs.recommendedTypeChecked,
  {
    languageOptions: { parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname } },
    plugins: { 'import-x': importX, imports: importRules },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver({ project: './tsconfig.test.json' })] },
    rules: {
      'imports/no-type-cycle': 'error',
      'import-x/no-restricted-paths': [
        'error',
        {
          zones: [
            ...rooms,
            ...compilerZones,
            ...inOrder('./runtime', runtimeRooms).filter(({ from }) => from.length > 0),
            ...belowIndex.map((name) => ({ target: `./runtime/${name}`, from: './runtime/index.ts' })),
          ],
        },
      ],
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true, requireDefaultForNonUnion: false },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['onnx/**', 'compiler/**', 'grammar/**', 'editor/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: ['@tensorflow/*', 'zod'] }] },
  },
  {
    files: ['contract/**'],
    rules: { 'no-restricted-imports': ['error', { patterns: [{ regex: '^[^.]', message: 'No package here.' }] }] },
  },
  {
    files: ['cli/**', 'runtime/**'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector: 'CallExpression[callee.name=/^mkdir(Sync)?$/] Property[key.name="recursive"]',
          message: 'Use runtime/files/make-folder.ts: on a read-only file system this reports a missing folder.',
        },
      ],
    },
  },
  {
    // Their texts may be hostile: no regular expression takes more than linear time.
    files: ['text/**/*.ts', 'grammar/**/*.ts', 'compiler/**/*.ts', 'editor/**/*.ts'],
    plugins: { regexp },
    rules: {
      'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
      'regexp/no-super-linear-move': ['error', { report: 'potential', ignoreSticky: false }],
    },
  },
  {
    // `print`, `printData` and `tell` escape what would act on a terminal.
    files: ['cli/**', 'runtime/**'],
    ignores: ['cli/terminal.ts', 'cli/signals.cts', 'runtime/engine/notices.ts'],
    rules: {
      'no-console': 'error',
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'MemberExpression[object.name="process"][property.name=/^(stdout|stderr)$/][parent.property.name=/^(write|end)$/]',
          message: 'Write by `print`, `printData` or `tell` of cli/terminal.ts.',
        },
        {
          selector: 'CallExpression[callee.property.name="pipe"] > MemberExpression[object.name="process"]',
          message: 'Write by `print`, `printData` or `tell` of cli/terminal.ts.',
        },
        {
          selector: 'VariableDeclarator[init.name="process"] > ObjectPattern > Property[key.name=/^(stdout|stderr)$/]',
          message: 'Write by `print`, `printData` or `tell` of cli/terminal.ts.',
        },
      ],
    },
  },
  // The lexer tries tokens where the one before ends, and nowhere else.
  { files: ['grammar/tokens.ts'], rules: { 'regexp/no-super-linear-move': 'off' } },
  {
    files: ['editor/playground/page/*.ts'],
    languageOptions: {
      parserOptions: { project: './editor/playground/page/tsconfig.json', tsconfigRootDir: import.meta.dirname },
    },
  },
  { files: ['**/*.cts'], rules: { '@typescript-eslint/no-require-imports': ['error', { allowAsImport: true }] } },
  { files: ['**/*.cjs'], rules: { '@typescript-eslint/no-require-imports': 'off' } },
  { files: ['**/*.js', '**/*.mjs', '**/*.cjs'], ...tseslint.configs.disableTypeChecked },
);
