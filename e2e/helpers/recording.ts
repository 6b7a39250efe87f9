import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { readFlash, type GreyPicture } from '../../renderer/stage/barcode';

const run = promisify(execFile);
const MAX_BUFFER = 1 << 30;
/** Ten minutes of programme take minutes to decode on a busy machine. */
const LIMIT_MS = 600_000;
const SAMPLE_RATE = 48_000;

export type ProbedStream = {
  codec_type: string;
  codec_name: string;
  width?: number;
  height?: number;
  nb_read_packets?: string;
  /** Seconds, as text. */
  duration?: string;
};
export type Probe = { streams: ProbedStream[]; format: { duration?: string; format_name: string } };

/** What ffprobe says of a file, packets counted. */
export async function probe(file: string): Promise<Probe> {
  const { stdout } = await run(
    'ffprobe',
    ['-v', 'error', '-count_packets', '-show_streams', '-show_format', '-of', 'json', file],
    { maxBuffer: MAX_BUFFER, timeout: LIMIT_MS },
  );
  return JSON.parse(stdout) as Probe;
}

/** Every decoded picture of a recording in grey at a small size, with its time in µs. */
export async function readPictures(
  file: string,
  { width = 160, height = 90 } = {},
): Promise<{ timeUs: number; picture: GreyPicture }[]> {
  const [{ stdout: times }, { stdout: bytes }] = await Promise.all([
    run(
      'ffprobe',
      ['-v', 'error', '-select_streams', 'v', '-show_entries', 'packet=pts_time', '-of', 'csv=p=0', file],
      {
        maxBuffer: MAX_BUFFER,
        timeout: LIMIT_MS,
      },
    ),
    run(
      'ffmpeg',
      [
        '-v',
        'error',
        '-nostdin',
        '-i',
        file,
        '-map',
        '0:v',
        '-vf',
        `scale=${width}:${height}:flags=area,format=gray`,
        '-fps_mode',
        'passthrough',
        '-f',
        'rawvideo',
        '-',
      ],
      { maxBuffer: MAX_BUFFER, timeout: LIMIT_MS, encoding: 'buffer' },
    ),
  ]);
  const timesUs = times
    .split('\n')
    .filter((line) => line.trim() !== '')
    .map((line) => Math.round(Number.parseFloat(line) * 1e6))
    .sort((a, b) => a - b);
  const size = width * height;
  return Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => ({
    timeUs: timesUs[index] ?? Number.NaN,
    picture: { data: new Uint8Array(bytes.buffer, bytes.byteOffset + index * size, size), width, height },
  }));
}

/** The sound of a recording as mono f32 at 48 kHz, placed on the file's own timeline from 0. */
export function readSound(file: string): Promise<Float32Array> {
  return readChannels(file, 1);
}

/** The same with both sides, interleaved. */
export function readStereo(file: string): Promise<Float32Array> {
  return readChannels(file, 2);
}

async function readChannels(file: string, channels: number): Promise<Float32Array> {
  const { stdout } = await run(
    'ffmpeg',
    [
      '-v',
      'error',
      '-nostdin',
      '-i',
      file,
      '-map',
      '0:a',
      '-af',
      'aresample=async=1:first_pts=0',
      '-ac',
      String(channels),
      '-ar',
      String(SAMPLE_RATE),
      '-f',
      'f32le',
      '-',
    ],
    { maxBuffer: MAX_BUFFER, timeout: LIMIT_MS, encoding: 'buffer' },
  );
  return new Float32Array(new Uint8Array(stdout).buffer, 0, Math.floor(stdout.length / 4));
}

/** Times in µs at which the test card's flash patch lights up. */
export function flashes(pictures: readonly { timeUs: number; picture: GreyPicture }[]): number[] {
  const lit = pictures.map(({ picture }) => readFlash(picture));
  return pictures
    .filter((_, index) => index > 0 && lit[index] && !lit[index - 1])
    .map(({ timeUs }) => timeUs);
}

/** Times in µs at which a beep begins: the level rises over `threshold` after 300 ms of less. */
export function beeps(sound: Float32Array, threshold = 0.02): number[] {
  const quietFrames = 0.3 * SAMPLE_RATE;
  const found: number[] = [];
  let lastLoud = -Infinity;
  for (let i = 0; i < sound.length; i++) {
    if (Math.abs(sound[i]!) < threshold) continue;
    if (i - lastLoud > quietFrames) found.push((i * 1e6) / SAMPLE_RATE);
    lastLoud = i;
  }
  return found;
}

/** Sound minus picture in µs for every flash that has a beep within half a second. */
export function syncOffsetsUs(flashesUs: readonly number[], beepsUs: readonly number[]): number[] {
  return flashesUs.flatMap((flash) => {
    const beep = beepsUs.reduce(
      (best, at) => (Math.abs(at - flash) < Math.abs(best - flash) ? at : best),
      Infinity,
    );
    return Math.abs(beep - flash) < 500_000 ? [beep - flash] : [];
  });
}

/** The middle value; NaN of nothing. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

/** The mean of pictures of one size, grey levels; throws where there is none. */
export function meanPicture(pictures: readonly GreyPicture[]): GreyPicture {
  const { width, height } = pictures[0]!;
  const data = new Uint8Array(width * height);
  for (let i = 0; i < data.length; i++) {
    data[i] = pictures.reduce((sum, picture) => sum + picture.data[i]!, 0) / pictures.length;
  }
  return { data, width, height };
}

/** Mean absolute difference of two pictures, grey levels. */
export function difference(a: GreyPicture, b: GreyPicture): number {
  let sum = 0;
  for (let i = 0; i < a.data.length; i++) sum += Math.abs(a.data[i]! - b.data[i]!);
  return sum / a.data.length;
}

/** Of every decoded picture the colours (r, g, b) at places given in fractions of its size. */
export async function readColours(
  file: string,
  places: readonly { x: number; y: number }[],
): Promise<[number, number, number][][]> {
  const [width, height] = [160, 90];
  const { stdout } = await run(
    'ffmpeg',
    // prettier-ignore
    ['-v', 'error', '-nostdin', '-i', file, '-map', '0:v',
      '-vf', `scale=${width}:${height}:flags=area:in_color_matrix=bt709,format=rgb24`,
      '-fps_mode', 'passthrough', '-f', 'rawvideo', '-'],
    { maxBuffer: MAX_BUFFER, timeout: LIMIT_MS, encoding: 'buffer' },
  );
  const size = width * height * 3;
  return Array.from({ length: Math.floor(stdout.length / size) }, (_, index) =>
    places.map(({ x, y }) => {
      const at = index * size + (Math.floor(y * height) * width + Math.floor(x * width)) * 3;
      return [stdout[at]!, stdout[at + 1]!, stdout[at + 2]!];
    }),
  );
}
