import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findFfmpeg, type FfmpegInfo } from '../main/outputs/ffmpeg';
import { LiveOutput } from '../main/outputs/live-output';
import { ProgrammeBus } from '../main/outputs/programme-bus';
import { Recorder } from '../main/outputs/recorder';
import { makeFixture, temporaryFolder, type Fixture } from '../main/outputs/testing/fixture';
import { PacedFeed } from '../main/outputs/testing/paced-feed';
import { decode, probe } from '../main/outputs/testing/probe';
import { SrtListener, freeUdpPort } from './peers/srt-listener';

const found = await findFfmpeg();
const missing =
  found === null ? 'ffmpeg is not installed' : found.protocols.includes('srt') ? null : 'no SRT in ffmpeg';

const PASSPHRASE = 'correct-horse-battery';
const QUICK = { firstMs: 500, factor: 1.2, longestMs: 2_000, tries: 25, jitter: 0.2 };

function nowUs(): number {
  return performance.now() * 1000;
}

describe('SRT to a listener', () => {
  const ffmpeg = found as FfmpegInfo; // no test runs without it
  let fixture: Fixture;
  let feed: PacedFeed;
  let bus: ProgrammeBus;
  let output: LiveOutput;
  let folder: string;
  let remove: () => Promise<void>;
  const log: string[] = [];

  beforeAll(async () => {
    if (missing !== null) return;
    ({ folder, remove } = await temporaryFolder());
    fixture = await makeFixture(ffmpeg, { seconds: 4, gop: 30, size: '640x360' });
    bus = new ProgrammeBus({ nowUs, onKeyFrameNeeded: () => feed?.keyFrame() });
    feed = new PacedFeed(bus, fixture, nowUs);
    output = new LiveOutput({
      bus,
      ffmpeg: () => ffmpeg,
      nowUs,
      backoff: QUICK,
      onLog: (line) => log.push(line),
    });
  });
  afterAll(async () => {
    await output?.stop();
    feed?.stop();
    await remove?.();
  });
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });

  async function becomes(state: string): Promise<void> {
    await expect.poll(() => output.live().state, { timeout: 40_000, interval: 50 }).toBe(state);
  }

  function goLive(port: number, passphrase: string): void {
    const url = `srt://127.0.0.1:${port}?latency=100000`;
    const destination = { id: 'd', name: 'SRT', protocol: 'srt', url, audioBitrateKbps: 128 } as const;
    output.start(destination, `passphrase=${passphrase}`);
  }

  it('comes back, encrypted, after the listener was killed; the recording is whole', async () => {
    const listener = new SrtListener(ffmpeg, folder, await freeUdpPort(), PASSPHRASE);
    const recorder = new Recorder({ bus, ffmpeg: () => ffmpeg, nowUs });
    try {
      await listener.start();
      await recorder.start({ folder, name: 'Show', container: 'mkv' });
      goLive(listener.port, PASSPHRASE);
      await becomes('live');
      await sleep(3_000);
      await listener.kill();
      await becomes('reconnecting');
      await listener.start();
      await becomes('live');
      await sleep(3_000);
      const result = await recorder.stop();
      await output.stop();
      await sleep(500);
      await listener.kill();
      expect(result.error).toBeNull();
      expect(await decode(ffmpeg, result.files[0]!)).toEqual({ frames: result.videoFrames, complaints: '' });
      for (const file of listener.files) {
        const { video, audio } = await probe(ffmpeg, file);
        expect(video!.packets).toBeGreaterThan(45);
        expect(audio!.packets).toBeGreaterThan(60);
      }
    } finally {
      await listener.kill();
    }
  });

  it('does not go live with a wrong passphrase, and tells nobody what it was', async () => {
    const listener = new SrtListener(ffmpeg, folder, await freeUdpPort(), PASSPHRASE);
    await listener.start();
    try {
      goLive(listener.port, 'wrong-horse-battery');
      await becomes('reconnecting');
      expect(JSON.stringify(output.live())).not.toContain('wrong-horse-battery');
      expect(log.join('\n')).not.toContain('horse-battery');
      await output.stop();
    } finally {
      await listener.kill();
    }
  });
});
