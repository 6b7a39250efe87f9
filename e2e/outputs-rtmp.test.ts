import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Destination } from '../contract/project';
import type { FfmpegInfo } from '../main/outputs/ffmpeg';
import { LiveOutput, type LiveOutputOptions } from '../main/outputs/live-output';
import { ProgrammeBus } from '../main/outputs/programme-bus';
import { Recorder } from '../main/outputs/recorder';
import { makeFixture, needFfmpeg, temporaryFolder, type Fixture } from '../main/outputs/testing/fixture';
import { PacedFeed } from '../main/outputs/testing/paced-feed';
import { decode, probe } from '../main/outputs/testing/probe';
import { NginxRtmp, freePort, prepareNginxRtmp } from './peers/nginx-rtmp';

const missing = await prepareNginxRtmp();

const QUICK = { firstMs: 500, factor: 1.2, longestMs: 2_000, tries: 25, jitter: 0.2 };
const KEY = 'key-5up3r53cr3t';

function nowUs(): number {
  return performance.now() * 1000;
}

function destination(url: string): Destination {
  return { id: 'd', name: 'Test', protocol: 'rtmp', url, audioBitrateKbps: 128 };
}

describe('RTMP to nginx', () => {
  let ffmpeg: FfmpegInfo;
  let fixture: Fixture;
  let nginx: NginxRtmp;
  let feed: PacedFeed;
  let bus: ProgrammeBus;
  const outputs: LiveOutput[] = [];
  const log: string[] = [];

  beforeAll(async () => {
    if (missing !== null) return;
    ffmpeg = await needFfmpeg();
    fixture = await makeFixture(ffmpeg, { seconds: 4, gop: 30, size: '640x360' });
    nginx = await NginxRtmp.make();
    await nginx.start();
    bus = new ProgrammeBus({ nowUs, onKeyFrameNeeded: () => feed?.keyFrame() });
    feed = new PacedFeed(bus, fixture, nowUs);
  });
  afterAll(async () => {
    await Promise.all(outputs.map((output) => output.stop()));
    feed?.stop();
    await nginx?.dispose();
  });
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });

  function makeOutput(extra: Partial<LiveOutputOptions> = {}): LiveOutput {
    const output = new LiveOutput({
      bus,
      ffmpeg: () => ffmpeg,
      nowUs,
      backoff: QUICK,
      onLog: (line) => log.push(line),
      ...extra,
    });
    outputs.push(output);
    return output;
  }

  async function becomes(output: LiveOutput, state: string): Promise<void> {
    await expect.poll(() => output.live().state, { timeout: 40_000, interval: 50 }).toBe(state);
  }

  it('comes back after the server was killed; recording and second destination know nothing of it', async () => {
    const { folder, remove } = await temporaryFolder();
    const second = await NginxRtmp.make();
    await second.start();
    try {
      const recorder = new Recorder({ bus, ffmpeg: () => ffmpeg, nowUs });
      const output = makeOutput();
      const other = makeOutput();
      await recorder.start({ folder, name: 'Show', container: 'mp4' });
      output.start(destination(nginx.url), KEY);
      other.start(destination(second.url), 'key-other');
      expect(output.live().state).toBe('connecting');
      await becomes(output, 'live');
      await becomes(other, 'live');
      const { pid } = other;
      await sleep(3_000);
      expect(output.live().bitrateKbps).toBeGreaterThan(100);
      expect(output.live().sentFrames).toBeGreaterThan(30);

      await nginx.kill();
      await becomes(output, 'reconnecting');
      expect(output.live().error?.code).toBe('destination.lost');
      await sleep(1_500);
      expect(output.live().retryUs === null || output.live().retryUs! > 0).toBe(true);
      await nginx.start();
      await becomes(output, 'live');
      expect(output.live().error).toBeNull();
      await sleep(3_000);
      expect(other.live().state).toBe('live');
      expect(other.pid).toBe(pid);

      const result = await recorder.stop();
      await Promise.all([output.stop(), other.stop()]);
      expect(output.live().state).toBe('stopped');
      expect(result.error).toBeNull();
      const recorded = await probe(ffmpeg, result.files[0]!);
      const steps = recorded
        .video!.timesS.slice(1)
        .map((time, index) => time - recorded.video!.timesS[index]!);
      expect(Math.max(...steps)).toBeLessThan(0.1);
      expect(Math.abs(recorded.video!.endS - recorded.audio!.endS)).toBeLessThan(0.15);
      expect(await decode(ffmpeg, result.files[0]!)).toEqual({ frames: result.videoFrames, complaints: '' });

      await sleep(500);
      const received = await nginx.recordings();
      expect(received).toHaveLength(2);
      const later = await probe(ffmpeg, received[1]!);
      expect(later.video!.packets).toBeGreaterThan(60);
      expect(later.audio!.packets).toBeGreaterThan(60);
      expect((await decode(ffmpeg, received[1]!)).complaints).toBe('');
      const untouched = await probe(ffmpeg, (await second.recordings())[0]!);
      expect(untouched.video!.packets).toBeGreaterThan(150);
    } finally {
      await second.dispose();
      await remove();
    }
  });

  it('notices a server that accepts but no longer reads', async () => {
    const output = makeOutput({ patience: { connectMs: 15_000, stallMs: 3_000, stableMs: 30_000 } });
    output.start(destination(nginx.url), 'key-frozen');
    await becomes(output, 'live');
    nginx.freeze(true);
    try {
      await becomes(output, 'reconnecting');
      expect(output.live().error?.code).toBe('destination.lost');
    } finally {
      nginx.freeze(false);
    }
    await becomes(output, 'live');
    await output.stop();
  });

  it('plays the slate to the server while the renderer is gone', async () => {
    const slate = fixture.packets.slice(0, 30);
    bus.setSlate(slate);
    const output = makeOutput();
    output.start(destination(nginx.url), 'key-slate');
    await becomes(output, 'live');
    const { pid } = output;
    feed.dead = true;
    bus.rendererGone();
    await sleep(4_000);
    expect(bus.onSlate).toBe(true);
    feed.dead = false;
    bus.rendererBack();
    await expect.poll(() => bus.onSlate, { timeout: 5_000 }).toBe(false);
    await sleep(1_500);
    expect(output.pid).toBe(pid);
    expect(output.live().state).toBe('live');
    await output.stop();
    await sleep(500);
    const file = (await nginx.recordings()).find((name) => name.includes('key-slate'))!;
    const { video, audio } = await probe(ffmpeg, file);
    for (const track of [video!, audio!]) {
      const steps = track.timesS.slice(1).map((time, index) => time - track.timesS[index]!);
      expect(Math.max(...steps)).toBeLessThan(0.2);
    }
    expect((await decode(ffmpeg, file)).complaints).toBe('');
  });

  it('begins a new connection, without a try counted, when the encoder speaks differently', async () => {
    const smaller = await makeFixture(ffmpeg, { seconds: 2, gop: 30, size: '320x180' });
    const output = makeOutput();
    output.start(destination(nginx.url), 'key-change');
    await becomes(output, 'live');
    const { pid } = output;
    // The server names a recording by the second it began in: the next one would take its place.
    await sleep(1_500);
    feed.use(smaller);
    await becomes(output, 'reconnecting');
    await becomes(output, 'live');
    expect(output.pid).not.toBe(pid);
    expect(output.live()).toMatchObject({ attempt: 0, error: null });
    await sleep(1_500);
    await output.stop();
    feed.use(fixture);
    await sleep(500);
    const files = (await nginx.recordings()).filter((name) => name.includes('key-change'));
    const sizes = await Promise.all(files.map(async (file) => (await probe(ffmpeg, file)).video?.width));
    expect(sizes).toEqual([640, 320]);
  });

  it('gives up after its tries at a server that refuses the key, and tells nobody the key', async () => {
    const output = makeOutput({ backoff: { ...QUICK, firstMs: 50, tries: 2 } });
    const secret = 'refused-7h15-15-s3cr3t';
    output.start(destination(nginx.url), secret);
    await becomes(output, 'stopped');
    const live = output.live();
    expect(live.error?.code).toBe('destination.gave-up');
    expect(live.attempt).toBe(3);
    expect(JSON.stringify(live)).not.toContain(secret);
    expect(log.join('\n')).not.toContain(secret);
    expect(log.join('\n')).not.toContain(KEY);
    expect(log.length).toBeGreaterThan(0);
  });

  it('keeps trying where nobody listens, and stops at once when told to', async () => {
    const output = makeOutput();
    output.start(destination(`rtmp://127.0.0.1:${await freePort()}/live`), KEY);
    await becomes(output, 'reconnecting');
    await expect.poll(() => output.live().attempt, { timeout: 20_000 }).toBeGreaterThan(1);
    await output.stop();
    expect(output.live()).toMatchObject({ state: 'stopped', retryUs: null, error: null });
    expect(output.pid).toBeUndefined();
  });
});
