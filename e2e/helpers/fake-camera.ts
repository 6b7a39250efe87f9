import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

const FILM = resolve(import.meta.dirname, '../../shows/demo/rabbit320.mp4');

/** Chromium switches that give it a camera and a microphone; `remove` deletes the camera's file. */
export type FakeCamera = { flags: string[]; remove: () => void };

/**
 * A camera that looks at one picture of a film without moving, so that pictures taken at
 * different times can be compared, and Chromium's own beeping microphone.
 */
export function stillCamera(): FakeCamera {
  const dir = mkdtempSync(join(tmpdir(), 'fantascope-camera-'));
  const file = join(dir, 'camera.mjpeg');
  const still = 'select=eq(n\\,0),loop=loop=29:size=1,scale=640:480,setpts=N/30/TB';
  execFileSync(
    'ffmpeg',
    ['-v', 'error', '-ss', '2', '-i', FILM, '-vf', still, '-frames:v', '30', '-r', '30', '-q:v', '3', file],
    { timeout: 60_000 },
  );
  return {
    flags: ['--use-fake-device-for-media-stream=fps=30', `--use-file-for-fake-video-capture=${file}`],
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}
