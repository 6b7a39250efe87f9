import { runBounded } from './process.mjs';
import { inRoot } from './root.mjs';

const STEP_LIMIT_MS = 5 * 60_000;
const bin = (path) => inRoot('node_modules', path);

/** The steps of `npm run check`, cheapest explanation of a mistake first. */
export const CHECK_STEPS = [
  { name: 'types', args: [bin('typescript/bin/tsc'), '-p', '.'] },
  { name: 'types of main (no DOM)', args: [bin('typescript/bin/tsc'), '-p', 'main'] },
  {
    name: 'components',
    args: [
      bin('svelte-check/bin/svelte-check'),
      '--tsconfig',
      './tsconfig.json',
      '--output',
      'human',
      '--fail-on-warnings',
    ],
  },
  { name: 'lint', args: [bin('eslint/bin/eslint.js'), '--max-warnings', '0', '.'] },
  {
    name: 'layers and cycles',
    args: [
      bin('dependency-cruiser/bin/dependency-cruise.mjs'),
      '--config',
      '.dependency-cruiser.mjs',
      ...['contract', 'main', 'preload', 'renderer', 'e2e', 'bench'],
    ],
  },
  { name: 'format', args: [bin('prettier/bin/prettier.cjs'), '--check', '--log-level', 'warn', '.'] },
  { name: 'dead code', args: [bin('knip/bin/knip.js'), '--no-progress'] },
];

/**
 * Runs one step.
 * @returns `{ok, output}`, the tool's own words in `output`.
 */
export async function runCheckStep(step) {
  const { problem, output } = await runBounded(process.execPath, step.args, {
    timeoutMs: STEP_LIMIT_MS,
    quiet: true,
  });
  return { ok: problem === null, output: problem && !output.trim() ? `${step.name} ${problem}` : output };
}
