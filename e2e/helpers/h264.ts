import { spawnSync } from 'node:child_process';
import type { Frame } from '../../contract/frame';
import type { GreyPicture } from '../../renderer/stage/barcode';

const START = Buffer.from([0, 0, 0, 1]);

/** Length-prefixed access units (`avc`) with their avcC as an Annex B stream. */
export function toAnnexB(avcC: Buffer, frames: readonly Frame[]): Buffer {
  const parts = parameterSets(avcC);
  for (const { payload } of frames) {
    const bytes = Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength);
    for (let at = 0; at + 4 <= bytes.length;) {
      const length = bytes.readUInt32BE(at);
      parts.push(START, bytes.subarray(at + 4, at + 4 + length));
      at += 4 + length;
    }
  }
  return Buffer.concat(parts);
}

/** Sequence and picture parameter sets of an avcC (ISO 14496-15, 5.3.3.1). */
function parameterSets(avcC: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let at = 5;
  for (const mask of [0x1f, 0xff]) {
    const count = avcC.readUInt8(at) & mask;
    at += 1;
    for (let index = 0; index < count; index += 1) {
      const length = avcC.readUInt16BE(at);
      parts.push(START, avcC.subarray(at + 2, at + 2 + length));
      at += 2 + length;
    }
  }
  return parts;
}

/** Sample format, range and matrix that an Annex B stream says it has, as ffprobe names them. */
export function probeSignal(annexB: Buffer): string[] {
  const { stdout, status, stderr } = spawnSync(
    'ffprobe',
    [
      '-v',
      'error',
      '-show_entries',
      'stream=pix_fmt,color_range,color_space',
      '-of',
      'csv=p=0',
      '-f',
      'h264',
      'pipe:0',
    ],
    { input: annexB, timeout: 30_000 },
  );
  if (status !== 0) throw new Error(`ffprobe failed: ${stderr.toString()}`);
  return stdout.toString().trim().split(',');
}

/** Decodes an Annex B stream with ffmpeg to grey pictures of this size. */
export function decodeGrey(annexB: Buffer, width: number, height: number): GreyPicture[] {
  const { stdout, status, stderr } = spawnSync(
    'ffmpeg',
    // prettier-ignore
    ['-v', 'error', '-f', 'h264', '-i', 'pipe:0', '-fps_mode', 'passthrough', '-vf', `scale=${width}:${height}`,
      '-frames:v', '2000', '-f', 'rawvideo', '-pix_fmt', 'gray', 'pipe:1'],
    { input: annexB, maxBuffer: 2 ** 30, timeout: 60_000 },
  );
  if (status !== 0) throw new Error(`ffmpeg failed: ${stderr.toString()}`);
  const pictures: GreyPicture[] = [];
  for (let at = 0; at + width * height <= stdout.length; at += width * height) {
    pictures.push({ data: new Uint8Array(stdout.subarray(at, at + width * height)), width, height });
  }
  return pictures;
}
