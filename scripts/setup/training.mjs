import { isExecutable, findOnPath, runBounded, succeeds } from './process.mjs';
import { inRoot } from './root.mjs';

const SELF_TEST_LIMIT_MS = 3 * 60_000;
const MODULES = 'numpy, scipy, torch, onnx, PIL';
/** A Python of one's own often stands before the system's on PATH, but has no torch. */
const PLACES = [findOnPath('python3'), '/usr/bin/python3'];

/** The first Python here that has what training needs, or null: it is no dependency of the studio. */
export function findTrainingPython({ places = PLACES, runs = succeeds } = {}) {
  const present = [...new Set(places)].filter((path) => path !== null && isExecutable(path));
  return present.find((path) => runs(path, ['-c', `import ${MODULES}`], 60_000)) ?? null;
}

/**
 * Runs the training code's own fast checks.
 * @returns `{ok, output}`, the tool's own words in `output`.
 */
export async function runTrainingSelfTest(python, run = runBounded) {
  const { problem, output } = await run(python, [inRoot('native-models/train/selftest.py')], {
    timeoutMs: SELF_TEST_LIMIT_MS,
    quiet: true,
    progress: 'training self-test',
  });
  return { ok: problem === null, output: problem ? `${output.trimEnd()}\nIt ${problem}.` : output };
}
