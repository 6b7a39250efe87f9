import { createReadStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join, normalize } from 'node:path';
import { build, type PluginOption } from 'vite';

const TYPES: Record<string, string> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

export type HarnessPage = { origin: string; close(): Promise<void> };

/**
 * Builds a page folder as the studio itself is built and serves it on loopback, isolated as
 * the studio is; files of `mediaDir` are served below `/media/`, with byte ranges.
 */
export async function serveHarness(
  pageDir: string,
  mediaDir: string,
  plugins: PluginOption[] = [],
): Promise<HarnessPage> {
  const outDir = mkdtempSync(join(tmpdir(), 'fantascope-harness-'));
  await build({
    root: pageDir,
    configFile: false,
    logLevel: 'warn',
    plugins,
    worker: { format: 'es' },
    build: { outDir, emptyOutDir: true, target: 'chrome130', minify: false },
  });
  const server = createServer((request, response) => answer(request, response, outDir, mediaDir));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      rmSync(outDir, { recursive: true, force: true });
    },
  };
}

function answer(request: IncomingMessage, response: ServerResponse, pageDir: string, mediaDir: string): void {
  const path = normalize(new URL(request.url ?? '/', 'http://localhost').pathname);
  const file = path.startsWith('/media/')
    ? join(mediaDir, path.slice('/media/'.length))
    : join(pageDir, path === '/' ? 'index.html' : path);
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
  response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
  response.setHeader('Accept-Ranges', 'bytes');
  response.setHeader('Content-Type', TYPES[extname(file)] ?? 'application/octet-stream');
  if (size === undefined) return void response.writeHead(404).end();
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '');
  const start = range ? Number(range[1]) : 0;
  const end = range?.[2] ? Math.min(Number(range[2]), size - 1) : size - 1;
  if (start >= size) return void response.writeHead(416, { 'Content-Range': `bytes */${size}` }).end();
  if (range) response.setHeader('Content-Range', `bytes ${start}-${end}/${size}`);
  response.writeHead(range ? 206 : 200, { 'Content-Length': end - start + 1 });
  createReadStream(file, { start, end }).pipe(response);
}
