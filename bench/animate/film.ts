import { execFileSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { SourcePicture } from '../../main/engines/animate/pipeline';

const FILM = resolve('shows/demo/rabbit320.mp4');
const SIDE = 256;
/** What a pan moves over. */
const WIDE = { width: 640, height: 360 };

/** Consecutive frames of the demo's film, its middle, RGBA. */
export function filmFrames(count: number): SourcePicture[] {
  const rgba = decode(`crop=min(iw\\,ih):min(iw\\,ih),scale=${SIDE}:${SIDE}`, count);
  const size = 4 * SIDE * SIDE;
  return Array.from({ length: count }, (_, i) => ({
    width: SIDE,
    height: SIDE,
    rgba: rgba.subarray(i * size, (i + 1) * size),
  }));
}

/** A pan over one frame of the film, by so many pixels with each picture: its flow is known. */
export function panFrames(count: number, pixels: number): SourcePicture[] {
  const wide = decode(`scale=${WIDE.width}:${WIDE.height}`, 1);
  return Array.from({ length: count }, (_, frame) => {
    const rgba = new Uint8Array(4 * SIDE * SIDE);
    for (let y = 0; y < SIDE; y++) {
      const from = 4 * ((y + 50) * WIDE.width + 40 + pixels * frame);
      rgba.set(wide.subarray(from, from + 4 * SIDE), 4 * y * SIDE);
    }
    return { width: SIDE, height: SIDE, rgba };
  });
}

function decode(filter: string, frames: number): Uint8Array {
  return execFileSync(
    'ffmpeg',
    // prettier-ignore
    ['-v', 'error', '-ss', '2', '-i', FILM, '-frames:v', String(frames), '-vf', filter,
      '-f', 'rawvideo', '-pix_fmt', 'rgba', '-'],
    { maxBuffer: 2 ** 30, timeout: 60_000 },
  );
}
