#!/usr/bin/env node
// `npm run prove -- CONTRACT FOLDER [--headers]`: proves a model against a contract (native-models/contracts/README.md).
import { join } from 'node:path';
import { ensureDependencies } from './setup/dependencies.mjs';
import { runBounded } from './setup/process.mjs';
import { inRoot } from './setup/root.mjs';
import { runMain, SetupError } from './setup/say.mjs';

/** A model of gigabytes takes minutes to load; one that takes longer than this does not end. */
const LIMIT_MS = 15 * 60_000;

async function main() {
  await ensureDependencies();
  const { build } = await import('vite');
  const outDir = inRoot('out/prove-build');
  await build({
    root: inRoot('.'),
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: inRoot('main/engines/runtime/contract-proof/prove-process.ts'),
      outDir,
      emptyOutDir: false,
      target: 'node20',
    },
  });
  const words = [inRoot('native-models/contracts'), ...process.argv.slice(2)];
  const { code, problem } = await runBounded(process.execPath, [join(outDir, 'prove-process.js'), ...words], {
    timeoutMs: LIMIT_MS,
    // Paths are meant from where the command was given.
    cwd: process.env.INIT_CWD ?? process.cwd(),
  });
  if (code === 1 || code === 2) return code;
  if (problem) {
    throw new SetupError(`The proof ${problem}: the model harms or stops the runtime; choose another.`);
  }
  return 0;
}

await runMain(main);
