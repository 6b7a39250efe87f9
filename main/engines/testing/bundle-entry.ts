import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { build } from 'vite';

const PROJECT = resolve(import.meta.dirname, '../../..');

/** Bundles an engine entry as the build does, into a folder that `dispose` removes. */
export async function bundleEntry(
  entry = 'main/engines/process.ts',
): Promise<{ entryFile: string; dispose: () => void }> {
  const dir = mkdtempSync(join(tmpdir(), 'fantascope-engine-'));
  // Packages stay outside the bundle and are found from its folder.
  symlinkSync(join(PROJECT, 'node_modules'), join(dir, 'node_modules'));
  await build({
    configFile: false,
    logLevel: 'silent',
    root: PROJECT,
    build: {
      ssr: join(PROJECT, entry),
      outDir: dir,
      emptyOutDir: false,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: 'engine.mjs' } },
    },
  });
  return {
    entryFile: join(dir, 'engine.mjs'),
    dispose: () => rmSync(dir, { recursive: true, force: true }),
  };
}
