import { rename, stat, statfs } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { StudioError } from '../../contract/errors';
import { runFfmpeg, type FfmpegInfo } from './ffmpeg';
import { recordingError } from './recording-file';
import { removeFile, reserveFinal, type Container } from './recording-names';

/** Room for the index and for sound that grows, as a factor of the part's size. */
const ROOM_FACTOR = 1.02;

/** One part file and what it shall become. */
export type PartToFinish = { part: string; name: string; container: Container };

const SOUND: Record<Container, readonly string[]> = {
  mp4: [
    '-c:a',
    'aac',
    '-b:a',
    '256k',
    '-movflags',
    '+faststart',
    '-video_track_timescale',
    '90000',
    '-f',
    'mp4',
  ],
  mkv: ['-c:a', 'flac', '-sample_fmt', 's32', '-f', 'matroska'],
};

/**
 * Remuxes a part (H.264 is copied bit for bit; sound becomes AAC in MP4, 24-bit FLAC in MKV)
 * under a temporary name, gives it its final name, and only then deletes the part. Without
 * ffmpeg the part itself gets the final name, as MKV. Answers with the final file.
 * @throws StudioError `recording.disk-full`, `recording.failed`, `ffmpeg.failed`; the part stays.
 */
export async function finishPart(todo: PartToFinish, ffmpeg: FfmpegInfo | null): Promise<string> {
  const folder = dirname(todo.part);
  try {
    if (ffmpeg === null) {
      return await moveToFinal(todo.part, folder, todo.name, 'mkv');
    }
    const { size } = await stat(todo.part);
    await checkRoom(folder, size);
    const temporary = join(folder, `${basename(todo.part, '.mkv')}.finishing.${todo.container}`);
    try {
      await remux(ffmpeg, todo, temporary, size);
      const file = await moveToFinal(temporary, folder, todo.name, todo.container);
      await removeFile(todo.part);
      return file;
    } catch (error) {
      await removeFile(temporary);
      throw error;
    }
  } catch (error) {
    throw recordingError(error, todo.part, 'recording.failed');
  }
}

async function moveToFinal(from: string, folder: string, name: string, ending: string): Promise<string> {
  const file = await reserveFinal(folder, name, ending);
  try {
    await rename(from, file);
  } catch (error) {
    await removeFile(file);
    throw error;
  }
  return file;
}

async function remux(ffmpeg: FfmpegInfo, todo: PartToFinish, target: string, bytes: number): Promise<void> {
  const input = ['-loglevel', 'warning', '-y', '-f', 'matroska', '-i', `file:${todo.part}`];
  const tracks = ['-map', '0:v:0', '-map', '0:a:0?', '-c:v', 'copy'];
  // A slow disk reads 2 MB a second; what takes longer hangs.
  const timeoutMs = 60_000 + bytes / 2_000;
  await runFfmpeg(ffmpeg.path, [...input, ...tracks, ...SOUND[todo.container], `file:${target}`], {
    timeoutMs,
  });
  const made = await stat(target);
  if (made.size === 0) {
    throw new StudioError('output', 'recording.failed', 'The finished recording must not be empty.');
  }
}

async function checkRoom(folder: string, bytes: number): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  if (free >= bytes * ROOM_FACTOR) return;
  throw new StudioError(
    'output',
    'recording.disk-full',
    `Finishing the recording needs ${Math.ceil(bytes * ROOM_FACTOR)} free bytes in "${folder}", got ${free}. It is finished at the next start once there is room.`,
  );
}
