import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ALL_FORMATS, EncodedPacketSink, FilePathSource, Input } from 'mediabunny';
import { findFfmpeg, runFfmpeg, type FfmpegInfo } from '../ffmpeg';
import {
  CHANNELS,
  SAMPLE_RATE,
  framesToUs,
  type AudioPacket,
  type VideoConfig,
  type VideoPacket,
} from '../packets';

/** Real H.264 made by ffmpeg, times from 0. */
export type Fixture = { config: VideoConfig; packets: VideoPacket[] };

/** The ffmpeg of this machine; the tests of outputs mean nothing without one. */
export async function needFfmpeg(): Promise<FfmpegInfo> {
  const info = await findFfmpeg();
  if (info === null) throw new Error('These tests need ffmpeg on the PATH or in FFMPEG_BIN.');
  return info;
}

/** An empty folder of its own and the way to remove it. */
export async function temporaryFolder(): Promise<{ folder: string; remove: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'outputs-test-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Encodes a moving test picture without B-frames, with a key frame each `gop` frames. */
export async function makeFixture(
  ffmpeg: FfmpegInfo,
  { seconds = 4, gop = 30, size = '320x180' }: { seconds?: number; gop?: number; size?: string } = {},
): Promise<Fixture> {
  const { folder, remove } = await temporaryFolder();
  try {
    const file = join(folder, 'fixture.mp4');
    const source = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=30`, '-t', String(seconds), '-an'];
    const encoder = [
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-bf',
      '0',
      '-g',
      String(gop),
      '-pix_fmt',
      'yuv420p',
    ];
    await runFfmpeg(ffmpeg.path, [...source, ...encoder, '-y', file], { timeoutMs: 60_000 });
    return await readFixture(file);
  } finally {
    await remove();
  }
}

/** Reads the H.264 of an MP4 without B-frames. */
export async function readFixture(file: string): Promise<Fixture> {
  const input = new Input({ formats: ALL_FORMATS, source: new FilePathSource(file) });
  const track = await input.getPrimaryVideoTrack();
  const decoder = await track?.getDecoderConfig();
  if (!track || !decoder?.description) throw new Error('The fixture must have H.264 with avcC.');
  const packets: VideoPacket[] = [];
  for await (const packet of new EncodedPacketSink(track).packets()) {
    packets.push({
      data: packet.data.slice(),
      timestampUs: Math.round(packet.timestamp * 1e6),
      durationUs: Math.round(packet.duration * 1e6),
      key: packet.type === 'key',
    });
  }
  input.dispose();
  const { description, codedWidth, codedHeight } = decoder;
  const bytes = ArrayBuffer.isView(description)
    ? new Uint8Array(description.buffer, description.byteOffset, description.byteLength)
    : new Uint8Array(description);
  const size = { width: codedWidth!, height: codedHeight! };
  return { config: { codec: decoder.codec, description: bytes.slice(), ...size, fps: 30 }, packets };
}

/** 10 ms of a 440 Hz tone, numbered like the programme's sound. */
export function tone(startUs: number, frames = 480): AudioPacket {
  const samples = new Float32Array(frames * CHANNELS);
  const first = Math.round((startUs * SAMPLE_RATE) / 1e6);
  for (let frame = 0; frame < frames; frame += 1) {
    const value = 0.25 * Math.sin((2 * Math.PI * 440 * (first + frame)) / SAMPLE_RATE);
    samples[frame * CHANNELS] = value;
    samples[frame * CHANNELS + 1] = value;
  }
  return { samples, timestampUs: startUs, frames };
}

/** Sound of `seconds` from `startUs` in packets of 10 ms. */
export function* tones(startUs: number, seconds: number): Generator<AudioPacket> {
  const packets = Math.round(seconds * 100);
  for (let index = 0; index < packets; index += 1) yield tone(startUs + framesToUs(index * 480));
}
