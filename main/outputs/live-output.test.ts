import { chmod, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { DestinationState } from '../../contract/live';
import type { Destination } from '../../contract/project';
import type { FfmpegInfo } from './ffmpeg';
import { LiveOutput, type LiveOutputOptions } from './live-output';
import { ProgrammeBus } from './programme-bus';
import { makeFixture, needFfmpeg, temporaryFolder, type Fixture } from './testing/fixture';
import { PacedFeed } from './testing/paced-feed';

/** Stands in for ffmpeg: what it does is the last part of the address it is given. */
const ACTOR = `#!${process.execPath}
const act = process.argv.at(-1).split('/').at(-1);
let bytes = 0, frame = 0;
const report = () => process.stdout.write('frame=' + frame + '\\ntotal_size=' + bytes + '\\nprogress=continue\\n');
if (act === 'key-refused') { console.error('refused: ' + process.argv.at(-1)); process.exit(1); }
process.stdin.on('data', (chunk) => {
  frame += 1;
  bytes += chunk.length;
  if (act === 'key-freezes' && frame > 40) process.stdin.pause();
});
if (act !== 'key-mute') setInterval(report, 50);
if (act === 'key-dies') setTimeout(() => process.exit(1), 700);
if (act === 'key-stubborn') setInterval(() => {}, 1000);
else process.stdin.on('end', () => process.exit(0));
`;

let ffmpeg: FfmpegInfo;
let fixture: Fixture;
let folder: string;
let remove: () => Promise<void>;
let feed: PacedFeed;
let bus: ProgrammeBus;
let outputs: LiveOutput[] = [];
let states: DestinationState[] = [];
let log: string[] = [];

function nowUs(): number {
  return performance.now() * 1000;
}

beforeAll(async () => {
  fixture = await makeFixture(await needFfmpeg(), { seconds: 2 });
  ({ folder, remove } = await temporaryFolder());
  const path = join(folder, 'ffmpeg.cjs');
  await writeFile(path, ACTOR);
  await chmod(path, 0o755);
  ffmpeg = { path, version: 'actor', protocols: ['rtmp'] };
}, 60_000);
afterAll(() => remove());

beforeEach(() => {
  [outputs, states, log] = [[], [], []];
  bus = new ProgrammeBus({ nowUs, onKeyFrameNeeded: () => feed.keyFrame() });
  feed = new PacedFeed(bus, fixture, nowUs);
});
afterEach(async () => {
  await Promise.all(outputs.map((output) => output.stop()));
  feed.stop();
});

function makeOutput(extra: Partial<LiveOutputOptions> = {}): LiveOutput {
  const output: LiveOutput = new LiveOutput({
    bus,
    ffmpeg: () => ffmpeg,
    nowUs,
    random: () => 0.5,
    backoff: { firstMs: 100, factor: 1, longestMs: 100, tries: 3, jitter: 0 },
    patience: { connectMs: 1_500, stallMs: 1_000, stableMs: 30_000 },
    onChange: () => {
      const { state } = output.live();
      if (states.at(-1) !== state) states.push(state);
    },
    onLog: (line) => log.push(line),
    ...extra,
  });
  outputs.push(output);
  return output;
}

function destination(url = 'rtmp://127.0.0.1/app'): Destination {
  return { id: 'd', name: 'Test', protocol: 'rtmp', url, audioBitrateKbps: 128 };
}

async function becomes(output: LiveOutput, state: DestinationState): Promise<void> {
  await expect.poll(() => output.live().state, { timeout: 20_000, interval: 20 }).toBe(state);
}

describe('a destination', () => {
  beforeEach((context) => {
    if (process.platform === 'win32') context.skip('the stand-in for ffmpeg is a script with a #! line');
  });

  it('is live once bytes flow, not when the process starts', async () => {
    const output = makeOutput();
    output.start(destination(), 'key-good');
    expect(output.live()).toMatchObject({ state: 'connecting', sinceUs: null, hasKey: true });
    await becomes(output, 'live');
    await expect.poll(() => output.live().bitrateKbps, { timeout: 10_000 }).toBeGreaterThan(0);
    expect(output.live().sentFrames).toBeGreaterThan(0);
    await output.stop();
    expect(states).toEqual(['connecting', 'live', 'stopped']);
    expect(output.live()).toMatchObject({ bitrateKbps: 0, sinceUs: null, hasKey: false });
  }, 40_000);

  it('starts again after it was stopped', async () => {
    const output = makeOutput();
    output.start(destination(), 'key-good');
    await becomes(output, 'live');
    await output.stop();
    output.start(destination(), 'key-good');
    await becomes(output, 'live');
  }, 40_000);

  it('reconnects after a loss and gives up after its tries', async () => {
    const output = makeOutput();
    output.start(destination(), 'key-dies');
    await becomes(output, 'live');
    await becomes(output, 'stopped');
    expect(output.live()).toMatchObject({
      attempt: 4,
      retryUs: null,
      error: { code: 'destination.gave-up' },
    });
    expect(states.filter((state) => state === 'live')).toHaveLength(4);
  }, 60_000);

  it('whose server refuses it leaks its key neither in error nor log', async () => {
    const output = makeOutput();
    output.start(destination(), 'key-refused');
    await becomes(output, 'stopped');
    expect(log.some((line) => line.startsWith('refused'))).toBe(true);
    expect(JSON.stringify([log, output.live()])).not.toContain('key-refused');
  }, 40_000);

  it.each(['key-mute', 'key-freezes'])(
    'that takes nothing (%s) is given up for a new try',
    async (key) => {
      const output = makeOutput();
      output.start(destination(), key);
      await becomes(output, 'reconnecting');
      expect(output.live().error?.code).toBe('destination.lost');
    },
    40_000,
  );

  it('is killed when it does not end by itself', async () => {
    const output = makeOutput();
    output.start(destination(), 'key-stubborn');
    await becomes(output, 'live');
    const pid = output.pid!;
    await output.stop();
    expect(() => process.kill(pid, 0)).toThrow();
  }, 40_000);

  it('does not touch another one', async () => {
    const bad = makeOutput();
    const good = makeOutput();
    bad.start(destination(), 'key-refused');
    good.start(destination(), 'key-good');
    await becomes(good, 'live');
    const { pid } = good;
    await becomes(bad, 'stopped');
    expect(good.live().state).toBe('live');
    expect(good.pid).toBe(pid);
  }, 40_000);
});

describe('a destination that cannot start', () => {
  it.each([
    ['without ffmpeg', 'rtmp://h/app', 'k-e-y', null, 'ffmpeg.missing'],
    ['with an ffmpeg that lacks the protocol', 'rtmps://h/app', 'k-e-y', undefined, 'ffmpeg.missing'],
    ['with a bad address', 'nonsense', 'k-e-y', undefined, 'destination.invalid'],
    ['without a key', 'rtmp://h/app', '', undefined, 'destination.key-missing'],
  ])('%s stays idle and says why', (_, url, key, found, code) => {
    const output = makeOutput(found === null ? { ffmpeg: () => null } : {});
    expect(() => output.start(destination(url), key)).toThrow(expect.objectContaining({ code }));
    expect(output.live().state).toBe('idle');
  });

  it('twice is refused', () => {
    const output = makeOutput();
    output.start(destination(), 'key-good');
    expect(() => output.start(destination(), 'key-good')).toThrow(
      expect.objectContaining({ code: 'argument.invalid' }),
    );
  });
});
