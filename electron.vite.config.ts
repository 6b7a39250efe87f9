import { resolve } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'electron-vite';

const at = (path: string) => resolve(import.meta.dirname, path);

export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      target: 'node20',
      // Only what stands in `dependencies` is left out by itself; a bundled Dawn cannot find its library.
      externalizeDeps: { include: ['webgpu'] },
      rollupOptions: {
        input: {
          index: at('main/electron/index.ts'),
          browser: at('main/browser/index.ts'),
          engine: at('main/engines/process.ts'),
          // the set-up scripts ask it where the browser is
          'chromium-finder': at('main/browser/chromium-finder.ts'),
        },
      },
    },
  },
  preload: {
    build: {
      outDir: 'out/preload',
      target: 'node20',
      rollupOptions: {
        input: at('preload/index.ts'),
        output: { format: 'cjs', entryFileNames: '[name].cjs' },
      },
    },
  },
  renderer: {
    root: at('renderer'),
    plugins: [svelte()],
    worker: { format: 'es' },
    build: {
      outDir: at('out/renderer'),
      target: 'chrome130',
      rollupOptions: { input: at('renderer/index.html') },
    },
  },
});
