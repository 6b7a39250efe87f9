import svelte from 'eslint-plugin-svelte';
import tseslint from 'typescript-eslint';
import { docBlock } from './scripts/lint/doc-block.mjs';

const DOM_GLOBALS = [
  'window',
  'document',
  'localStorage',
  'sessionStorage',
  'HTMLElement',
  'alert',
  'prompt',
];
const noDom = (where) =>
  DOM_GLOBALS.map((name) => ({
    name,
    message: `${where} has no DOM: what needs "${name}" belongs in renderer/studio or renderer/capture.`,
  }));

const importBan = (names, message) => ({
  paths: names.map((name) => ({ name, message })),
});
const ELECTRON_BAN = importBan(
  ['electron'],
  'Only main/electron may import electron: add what you need to Shell (main/studio/shell.ts) and implement it there.',
);
const ONNX_BAN = importBan(
  ['onnxruntime-node'],
  'Only engine processes may load ONNX Runtime: move the code into main/engines.',
);

const houseRules = {
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-var': 'error',
  'prefer-const': ['error', { destructuring: 'all' }],
  'no-restricted-syntax': [
    'error',
    {
      selector: 'ExportDefaultDeclaration',
      message: 'Named exports only: a name that is imported everywhere the same can be found.',
    },
    {
      selector: ':not(TSModuleDeclaration > TSModuleBlock) > TSInterfaceDeclaration',
      message: 'Write a type: an interface is only for adding to one that exists, inside "declare global".',
    },
  ],
  'no-restricted-imports': ['error', { paths: [...ELECTRON_BAN.paths, ...ONNX_BAN.paths] }],
};

const typedRules = {
  '@typescript-eslint/no-explicit-any': 'error',
  '@typescript-eslint/ban-ts-comment': ['error', { 'ts-expect-error': 'allow-with-description' }],
  '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
  '@typescript-eslint/no-unused-vars': [
    'error',
    { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none', ignoreRestSiblings: true },
  ],
  '@typescript-eslint/no-floating-promises': 'error',
  '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
  '@typescript-eslint/await-thenable': 'error',
  '@typescript-eslint/only-throw-error': 'error',
  '@typescript-eslint/no-unnecessary-type-assertion': 'error',
  '@typescript-eslint/no-for-in-array': 'error',
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/restrict-plus-operands': 'error',
  '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
};

export default tseslint.config(
  { ignores: ['node_modules/**', 'out/**', 'dist/**', 'native-models/**', 'shows/**'] },
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.{ts,mjs,svelte}'],
    plugins: { '@typescript-eslint': tseslint.plugin, house: { rules: { 'doc-block': docBlock } } },
    rules: houseRules,
  },
  {
    files: ['**/*.ts'],
    languageOptions: {
      parser: tseslint.parser,
      parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname },
    },
    rules: typedRules,
  },
  ...svelte.configs['flat/recommended'],
  {
    files: ['**/*.svelte'],
    languageOptions: { parserOptions: { parser: tseslint.parser } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      'svelte/no-at-html-tags': 'error',
      // svelte-check says it too, and knows which warnings are on
      'svelte/no-unused-svelte-ignore': 'off',
      // the plugin's own rule knows $props and $state
      'prefer-const': 'off',
      'svelte/prefer-const': [
        'error',
        { destructuring: 'all', excludedRunes: ['$props', '$state', '$bindable'] },
      ],
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    // a Map that nothing renders from is better plain
    rules: { 'svelte/prefer-svelte-reactivity': 'off' },
  },
  { files: ['**/*.svelte.ts'], languageOptions: { parser: tseslint.parser } },
  {
    files: ['{contract,main,preload,renderer}/**/*.ts', 'scripts/**/*.mjs'],
    ignores: ['**/*.test.{ts,mjs}', '**/*.d.ts', '**/testing/**'],
    rules: { 'house/doc-block': 'error' },
  },
  { files: ['contract/**/*.ts'], rules: { 'no-restricted-globals': ['error', ...noDom('contract/')] } },
  { files: ['main/**/*.ts'], rules: { 'no-restricted-globals': ['error', ...noDom('main/')] } },
  { files: ['renderer/stage/**/*.ts'], rules: { 'no-restricted-globals': ['error', ...noDom('The stage')] } },
  {
    files: ['main/electron/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', ONNX_BAN] },
  },
  {
    files: ['preload/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', ONNX_BAN] },
  },
  {
    files: ['main/engines/**/*.ts', 'bench/**/*.ts', 'e2e/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', ELECTRON_BAN] },
  },
  {
    // tools read these files' default export
    files: ['*.config.{ts,mjs}', '**/*.d.ts', '.dependency-cruiser.mjs', 'scripts/setup/vitest-reporter.mjs'],
    rules: { 'no-restricted-syntax': 'off' },
  },
);
