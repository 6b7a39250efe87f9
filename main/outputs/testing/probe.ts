import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { FfmpegInfo } from '../ffmpeg';

const run = promisify(execFile);

/** What ffprobe reads of one track. */
export type ProbedTrack = {
  codec: string;
  width: number | null;
  packets: number;
  timesS: number[];
  endS: number;
};

/** What ffprobe reads of a file; a missing track is null. */
export type Probed = { video: ProbedTrack | null; audio: ProbedTrack | null };

/** Reads every packet of a file with the ffprobe beside this ffmpeg. */
export async function probe(ffmpeg: FfmpegInfo, file: string): Promise<Probed> {
  const path = join(dirname(ffmpeg.path), 'ffprobe');
  const wanted = 'stream=index,codec_type,codec_name,width:packet=stream_index,pts_time,duration_time';
  const args = ['-v', 'error', '-show_entries', wanted, '-of', 'json', file];
  const { stdout } = await run(path, args, { timeout: 60_000, maxBuffer: 64 * 2 ** 20 });
  const data = JSON.parse(stdout) as {
    streams: { index: number; codec_type: string; codec_name: string; width?: number }[];
    packets: { stream_index: number; pts_time?: string; duration_time?: string }[];
  };
  function track(type: string): ProbedTrack | null {
    const stream = data.streams.find((candidate) => candidate.codec_type === type);
    if (stream === undefined) return null;
    const packets = data.packets.filter((packet) => packet.stream_index === stream.index);
    const timesS = packets.map((packet) => Number(packet.pts_time));
    const last = packets.at(-1);
    const endS = Number(last?.pts_time ?? 0) + Number(last?.duration_time ?? 0);
    return { codec: stream.codec_name, width: stream.width ?? null, packets: packets.length, timesS, endS };
  }
  return { video: track('video'), audio: track('audio') };
}

/** Decodes a whole file; answers with the frames that decoded, and every complaint of the decoder. */
export async function decode(
  ffmpeg: FfmpegInfo,
  file: string,
): Promise<{ frames: number; complaints: string }> {
  const args = [
    '-hide_banner',
    '-v',
    'error',
    '-i',
    file,
    '-map',
    '0:v',
    '-f',
    'null',
    '-progress',
    'pipe:1',
    '-',
  ];
  const { stdout, stderr } = await run(ffmpeg.path, args, { timeout: 120_000, maxBuffer: 16 * 2 ** 20 });
  const counts = [...stdout.matchAll(/^frame=(\d+)/gm)];
  return { frames: Number(counts.at(-1)?.[1] ?? 0), complaints: stderr };
}
