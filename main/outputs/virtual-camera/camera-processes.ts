import type { ChildProcess } from 'node:child_process';
import { StudioError } from '../../../contract/errors';
import { LineTail } from '../line-tail';
import { ProgressReader } from '../progress-reader';
import type { CameraOptions, RunningCamera } from './backend';
import { ProgrammePipe } from './programme-pipe';

/** How long the first picture may take, and how long a process may take to end, in milliseconds. */
const START_PATIENCE_MS = 10_000;
const END_PATIENCE_MS = 2_000;

/** ffmpeg's arguments to read the programme from stdin and hand on every picture at once. */
export const READ_PROGRAMME: readonly string[] = [
  ...['-hide_banner', '-loglevel', 'warning', '-nostats', '-progress', 'pipe:3', '-stats_period', '0.5'],
  // Threads by frame would hold back one picture each.
  ...[
    '-threads',
    '1',
    '-flags',
    'low_delay',
    '-probesize',
    '32768',
    '-analyzeduration',
    '0',
    '-fpsprobesize',
    '0',
  ],
  ...['-f', 'matroska', '-i', 'pipe:0', '-map', '0:v', '-fps_mode', 'passthrough'],
];

/** The processes of a camera: the first is ffmpeg, with the programme on stdin and its progress on fd 3. */
export type CameraChildren = readonly [ffmpeg: ChildProcess, ...others: ChildProcess[]];

/**
 * Feeds the programme to ffmpeg until stopped; the end of any of the processes is the end of all.
 * @param what The camera in words, for errors.
 * @throws StudioError `camera.failed` when no picture got through
 */
export async function feedCamera(
  what: string,
  children: CameraChildren,
  { bus, onEnded, onLog }: CameraOptions,
): Promise<RunningCamera> {
  const [ffmpeg] = children;
  const tail = new LineTail(20, onLog);
  let isOver = false;
  let isFlowing = false;
  const ends = children.map((child) => new Promise<void>((resolve) => child.once('close', () => resolve())));
  let flows!: () => void;
  let reject!: (error: StudioError) => void;
  const flowing = new Promise<void>((resolve, refuse) => {
    flows = resolve;
    reject = refuse;
  });
  flowing.catch(() => {});
  const pipe = new ProgrammePipe(
    (bytes) => write(ffmpeg, bytes),
    (why) => fail(why),
  );
  const progress = new ProgressReader(({ frames }) => {
    if (frames > 0) flows();
  });
  (ffmpeg.stdio[3] as NodeJS.ReadableStream).on('data', (chunk: Buffer) =>
    progress.push(chunk.toString('utf8')),
  );
  for (const child of children) {
    child.stderr?.on('data', (chunk: Buffer) => tail.push(chunk.toString('utf8')));
    child.stdin?.on('error', () => {});
    child.once('error', (error) => fail(error.message));
    child.once('close', (code, signal) => fail(`a process ended with ${code ?? signal}`));
  }
  const detach = bus.addSink(pipe);
  const timer = setTimeout(
    () => fail(`no picture got through in ${START_PATIENCE_MS} ms`),
    START_PATIENCE_MS,
  );

  function fail(why: string): void {
    if (isOver) return;
    void end();
    const message = `${what} must keep running, but ${why}.`;
    const error = new StudioError('output', 'camera.failed', message, { cause: tail.text() });
    if (isFlowing) onEnded(error);
    else reject(error);
  }

  async function end(): Promise<void> {
    isOver = true;
    clearTimeout(timer);
    detach();
    pipe.close();
    ffmpeg.stdin!.end();
    for (const child of children.slice(1)) child.kill('SIGTERM');
    const late = setTimeout(() => children.forEach((child) => child.kill('SIGKILL')), END_PATIENCE_MS);
    await Promise.all(ends);
    clearTimeout(late);
  }

  await flowing;
  isFlowing = true;
  clearTimeout(timer);
  const pids = children.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
  return { pids, stop: end };
}

function write(child: ChildProcess, bytes: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdin!.write(bytes, (error) => (error ? reject(error) : resolve()));
  });
}
