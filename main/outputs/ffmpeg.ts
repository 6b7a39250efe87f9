import { spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { StudioError } from '../../contract/errors';
import { LineTail } from './line-tail';
import { redact } from './redact';

/** Protocols a destination may need. */
export const OUTPUT_PROTOCOLS = ['rtmp', 'rtmps', 'srt'] as const;
export type OutputProtocol = (typeof OUTPUT_PROTOCOLS)[number];

/** An ffmpeg that ran on this machine. */
export type FfmpegInfo = {
  path: string;
  /** As it names itself, for example `5.1.9-0+deb12u1`. */
  version: string;
  /** Which of the output protocols this build has. */
  protocols: readonly OutputProtocol[];
};

/** Where `findFfmpeg` looks; the defaults are the program's own. */
export type FindFfmpegOptions = {
  /** Folder that holds `node_modules`. */
  packageRoot?: string;
  env?: NodeJS.ProcessEnv;
};

/** How a finished ffmpeg ended. */
export type FfmpegResult = { stdout: Buffer; stderrTail: string };

const executable = process.platform === 'win32' ? 'ffmpeg.exe' : 'ffmpeg';

/**
 * Finds an ffmpeg that runs: the one a shell or the set-up names in `FANTASCOPE_FFMPEG`, the file of
 * the ffmpeg-static package, then `FFMPEG_BIN`, then PATH. The package is looked up as a file, because
 * it may be absent, name one that was never fetched, or lie in an archive nothing can be started from.
 * Answers null when there is none.
 */
export async function findFfmpeg(options: FindFfmpegOptions = {}): Promise<FfmpegInfo | null> {
  const env = options.env ?? process.env;
  const roots = options.packageRoot === undefined ? [process.cwd()] : [options.packageRoot];
  const candidates = [
    ...(env['FANTASCOPE_FFMPEG'] ? [env['FANTASCOPE_FFMPEG']] : []),
    ...roots.map((root) => join(root, 'node_modules', 'ffmpeg-static', executable)),
    ...(env['FFMPEG_BIN'] ? [env['FFMPEG_BIN']] : []),
    ...(env['PATH'] ?? '')
      .split(delimiter)
      .filter((folder) => folder !== '')
      .map((folder) => join(folder, executable)),
  ];
  for (const path of candidates) {
    if (!(await isExecutable(path))) continue;
    const info = await probe(path);
    if (info !== null) return info;
  }
  return null;
}

/**
 * Runs ffmpeg to its end. Its stdout is collected (at most 64 MiB), its stderr kept as a short
 * redacted tail.
 * @throws StudioError `ffmpeg.failed` when it cannot start, fails, or exceeds `timeoutMs`.
 */
export async function runFfmpeg(
  path: string,
  args: readonly string[],
  options: { timeoutMs: number; input?: Uint8Array },
): Promise<FfmpegResult> {
  const tail = new LineTail(20);
  const chunks: Buffer[] = [];
  let bytes = 0;
  const child = spawn(path, ['-hide_banner', '-nostdin', ...args], {
    stdio: [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    child.kill('SIGKILL');
  }, options.timeoutMs);
  child.stdout!.on('data', (chunk: Buffer) => {
    bytes += chunk.byteLength;
    if (bytes <= 64 * 2 ** 20) chunks.push(chunk);
    else child.kill('SIGKILL');
  });
  child.stderr!.on('data', (chunk: Buffer) => tail.push(chunk.toString('utf8')));
  // A child that exits before reading everything breaks the pipe; its exit code tells the story.
  child.stdin?.on('error', () => {});
  child.stdin?.end(options.input);
  const code = await new Promise<number | string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (exitCode, signal) => resolve(exitCode ?? signal ?? 'unknown'));
  });
  clearTimeout(timer);
  if (code === 0) return { stdout: Buffer.concat(chunks), stderrTail: tail.text() };
  const why = timedOut
    ? `did not finish within ${options.timeoutMs} ms`
    : `ended with ${redact(String(code))}`;
  throw new StudioError('output', 'ffmpeg.failed', `ffmpeg must finish its work, but it ${why}.`, {
    cause: tail.text(),
  });
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false; // Absence is an answer here, not an error.
  }
}

async function probe(path: string): Promise<FfmpegInfo | null> {
  try {
    const version = (await runFfmpeg(path, ['-version'], { timeoutMs: 20_000 })).stdout.toString('utf8');
    const protocols = (await runFfmpeg(path, ['-protocols'], { timeoutMs: 20_000 })).stdout.toString('utf8');
    const output = protocols.slice(protocols.indexOf('Output:')).split(/\s+/);
    return {
      path,
      version: /^ffmpeg version (\S+)/.exec(version)?.[1] ?? 'unknown',
      protocols: OUTPUT_PROTOCOLS.filter((protocol) => output.includes(protocol)),
    };
  } catch (error) {
    if (error instanceof StudioError && error.code === 'ffmpeg.failed') return null;
    throw error;
  }
}
