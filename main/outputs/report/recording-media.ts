import { stat } from 'node:fs/promises';
import { ALL_FORMATS, FilePathSource, Input } from 'mediabunny';
import { runFfmpeg, type FfmpegInfo } from '../ffmpeg';

/** What the file itself says. */
export type MediaFacts = {
  durationS: number;
  bytes: number;
  container: string;
  video: {
    codec: string;
    width: number;
    height: number;
    frames: number;
    fps: number;
    bitrateKbps: number;
  } | null;
  audio: { codec: string; sampleRate: number; channels: number; bitrateKbps: number } | null;
};

/** A picture of the recording. */
export type Grab = { atS: number; jpeg: Buffer };

/** Loudest sample and mean power of equal stretches of time, linear 0…1. */
export type Peaks = { peak: number[]; rms: number[] };

const GRAB_WIDTH = 320;
/** Decoded sound is held in memory: at most this many samples of it. */
const MOST_SAMPLES = 8_000_000;

/** Reads every packet header of a recording: nothing is estimated. */
export async function readMediaFacts(file: string): Promise<MediaFacts> {
  const input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(file) });
  try {
    const [video, audio] = [await input.getPrimaryVideoTrack(), await input.getPrimaryAudioTrack()];
    const [videoStats, audioStats] = [await video?.computePacketStats(), await audio?.computePacketStats()];
    return {
      durationS: await input.computeDuration(),
      bytes: (await stat(file)).size,
      container: (await input.getFormat()).name,
      video:
        video && videoStats
          ? {
              codec: (await video.getCodec()) ?? 'unknown',
              width: await video.getDisplayWidth(),
              height: await video.getDisplayHeight(),
              frames: videoStats.packetCount,
              fps: videoStats.averagePacketRate,
              bitrateKbps: Math.round(videoStats.averageBitrate / 1000),
            }
          : null,
      audio:
        audio && audioStats
          ? {
              codec: (await audio.getCodec()) ?? 'unknown',
              sampleRate: await audio.getSampleRate(),
              channels: await audio.getNumberOfChannels(),
              bitrateKbps: Math.round(audioStats.averageBitrate / 1000),
            }
          : null,
    };
  } finally {
    input.dispose();
  }
}

/**
 * `count` pictures at even distances, each by its own seek, so that the time does not grow with
 * the length of the recording.
 */
export async function grabFrames(
  ffmpeg: FfmpegInfo,
  file: string,
  durationS: number,
  count: number,
): Promise<Grab[]> {
  const grabs: Grab[] = [];
  for (let index = 0; index < count; index += 1) {
    const atS = ((index + 0.5) * durationS) / count;
    const seek = ['-loglevel', 'error', '-ss', atS.toFixed(3), '-i', `file:${file}`, '-frames:v', '1', '-an'];
    const picture = [
      '-vf',
      `scale=${GRAB_WIDTH}:-2`,
      '-c:v',
      'mjpeg',
      '-q:v',
      '5',
      '-f',
      'image2pipe',
      'pipe:1',
    ];
    const { stdout } = await runFfmpeg(ffmpeg.path, [...seek, ...picture], { timeoutMs: 60_000 });
    // A seek into the last frame's display time finds none.
    if (stdout.byteLength > 0) grabs.push({ atS, jpeg: stdout });
  }
  return grabs;
}

/** Peaks of the whole sound in `buckets` stretches, from a mono mix. */
export async function readPeaks(
  ffmpeg: FfmpegInfo,
  file: string,
  durationS: number,
  buckets: number,
): Promise<Peaks> {
  const rate = Math.max(500, Math.min(16_000, Math.floor(MOST_SAMPLES / Math.max(1, durationS))));
  const args = [
    '-loglevel',
    'error',
    '-i',
    `file:${file}`,
    '-vn',
    '-ac',
    '1',
    '-ar',
    String(rate),
    '-f',
    's16le',
    'pipe:1',
  ];
  const { stdout } = await runFfmpeg(ffmpeg.path, args, { timeoutMs: 60_000 + durationS * 1000 });
  const samples = new Int16Array(stdout.buffer, stdout.byteOffset, Math.floor(stdout.byteLength / 2));
  const peaks: Peaks = { peak: [], rms: [] };
  for (let bucket = 0; bucket < buckets; bucket += 1) {
    const from = Math.floor((bucket * samples.length) / buckets);
    const to = Math.max(from + 1, Math.floor(((bucket + 1) * samples.length) / buckets));
    let peak = 0;
    let power = 0;
    for (let index = from; index < Math.min(to, samples.length); index += 1) {
      const value = Math.abs(samples[index]!) / 32_768;
      peak = Math.max(peak, value);
      power += value * value;
    }
    peaks.peak.push(peak);
    peaks.rms.push(Math.sqrt(power / (to - from)));
  }
  return peaks;
}
