import { spawn } from 'node:child_process';
import { mkdir, readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { StudioError } from '../../contract/errors';
import { runFfmpeg, type FfmpegInfo } from './ffmpeg';
import { ProgrammeBus } from './programme-bus';
import { Recorder } from './recorder';
import type { RecordingResult } from './recording-session';
import { openGrowingFile, recordingError } from './recording-file';
import { decode, probe } from './testing/probe';
import { makeFixture, needFfmpeg, temporaryFolder, tones, type Fixture } from './testing/fixture';

let ffmpeg: FfmpegInfo;
let fixture: Fixture;
let folder: string;
let remove: () => Promise<void>;
let nowUs = 0;
let bus: ProgrammeBus;

beforeAll(async () => {
  ffmpeg = await needFfmpeg();
  fixture = await makeFixture(ffmpeg);
}, 60_000);

beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder());
  nowUs = 5_000_000;
  bus = new ProgrammeBus({ nowUs: () => nowUs, onKeyFrameNeeded: () => {} });
  bus.setVideoConfig(fixture.config);
});
afterEach(() => remove());

/** Gives `seconds` of the fixture, beginning at its start, with sound. */
async function feed(startUs: number, seconds: number, from: Fixture = fixture): Promise<void> {
  const sound = [...tones(startUs, seconds)];
  for (const packet of from.packets.slice(0, seconds * 30)) {
    const timestampUs = startUs + packet.timestampUs;
    while (sound[0] !== undefined && sound[0].timestampUs <= timestampUs) bus.pushAudio(sound.shift()!);
    bus.pushVideo({ ...packet, timestampUs });
    nowUs = timestampUs;
    await bus.ready();
  }
  for (const packet of sound) bus.pushAudio(packet);
}

function makeRecorder(
  extra: { ffmpeg?: FfmpegInfo | null; openFile?: typeof openGrowingFile } = {},
): Recorder {
  const found = extra.ffmpeg === undefined ? ffmpeg : extra.ffmpeg;
  const openFile = extra.openFile === undefined ? {} : { openFile: extra.openFile };
  return new Recorder({ bus, ffmpeg: () => found, nowUs: () => nowUs, ...openFile });
}

describe('a finished recording', () => {
  it.each([
    ['mp4', 'aac'],
    ['mkv', 'flac'],
  ] as const)(
    'has every frame and the sound in %s',
    async (container, codec) => {
      const recorder = makeRecorder();
      await recorder.start({ folder, name: 'Show', container });
      await feed(5_000_000, 3);
      expect(recorder.live().state).toBe('recording');
      const result = await recorder.stop();
      expect(result).toMatchObject({ error: null, remuxed: true, videoFrames: 90 });
      expect(result.files).toEqual([join(folder, `Show.${container}`)]);
      expect(await readdir(folder)).toEqual([`Show.${container}`]);
      const { video, audio } = await probe(ffmpeg, result.files[0]!);
      expect(video).toMatchObject({ codec: 'h264', packets: 90 });
      expect(audio!.codec).toBe(codec);
      expect(video!.endS).toBeCloseTo(3, 1);
      expect(audio!.endS).toBeCloseTo(3, 1);
      expect(await decode(ffmpeg, result.files[0]!)).toEqual({ frames: 90, complaints: '' });
    },
    60_000,
  );

  it.each(['mp4', 'mkv'] as const)(
    'keeps sound where it belongs in %s',
    async (container) => {
      const recorder = makeRecorder();
      await recorder.start({ folder, name: 'Sync', container });
      for (const packet of fixture.packets.slice(0, 60)) {
        bus.pushVideo({ ...packet, timestampUs: 5_000_000 + packet.timestampUs });
      }
      for (const packet of tones(5_000_000, 2)) {
        const isOn = packet.timestampUs >= 6_000_000;
        bus.pushAudio(isOn ? packet : { ...packet, samples: new Float32Array(packet.samples.length) });
      }
      const { files } = await recorder.stop();
      const args = ['-v', 'error', '-i', files[0]!, '-ac', '1', '-ar', '48000', '-f', 's16le', 'pipe:1'];
      const { stdout } = await runFfmpeg(ffmpeg.path, args, { timeoutMs: 30_000 });
      const samples = new Int16Array(stdout.buffer, stdout.byteOffset, stdout.byteLength / 2);
      const onset = samples.findIndex((value) => Math.abs(value) > 1_000);
      expect(Math.abs(onset / 48_000 - 1)).toBeLessThan(0.01);
    },
    60_000,
  );

  it('begins with the first key frame when it starts within a GOP', async () => {
    const recorder = makeRecorder();
    bus.pushVideo({ ...fixture.packets[0]!, timestampUs: 4_000_000 });
    await recorder.start({ folder, name: 'Late', container: 'mp4' });
    const tail = { ...fixture, packets: fixture.packets.slice(20, 80) };
    await feed(5_000_000, 2, tail);
    const { files } = await recorder.stop();
    const { video } = await probe(ffmpeg, files[0]!);
    expect(video!.packets).toBe(50);
    expect(video!.timesS[0]).toBeCloseTo(0, 2);
  }, 60_000);

  it('has no hole where it was paused, and goes on with a key frame', async () => {
    const recorder = makeRecorder();
    await recorder.start({ folder, name: 'Paused', container: 'mp4' });
    await feed(5_000_000, 1);
    recorder.pause();
    await feed(6_000_000, 4);
    recorder.resume();
    await feed(60_000_000, 2);
    const { files } = await recorder.stop();
    const { video, audio } = await probe(ffmpeg, files[0]!);
    expect(video!.packets).toBe(90);
    const steps = video!.timesS.slice(1).map((time, index) => time - video!.timesS[index]!);
    expect(Math.max(...steps)).toBeLessThan(0.06);
    expect(Math.abs(video!.endS - audio!.endS)).toBeLessThan(0.06);
    expect(await decode(ffmpeg, files[0]!)).toEqual({ frames: 90, complaints: '' });
  }, 60_000);

  it('becomes two files where the video configuration changes, with nothing lost', async () => {
    const other = await makeFixture(ffmpeg, { size: '640x360', seconds: 2 });
    const recorder = makeRecorder();
    await recorder.start({ folder, name: 'Parts', container: 'mp4' });
    await feed(5_000_000, 1);
    bus.setVideoConfig(other.config);
    await feed(6_000_000, 2, other);
    const { files, error } = await recorder.stop();
    expect(error).toBeNull();
    expect(files.map((file) => file.slice(folder.length + 1))).toEqual(['Parts.mp4', 'Parts (part 2).mp4']);
    expect((await decode(ffmpeg, files[0]!)).frames).toBe(30);
    expect((await decode(ffmpeg, files[1]!)).frames).toBe(60);
  }, 60_000);

  it('never overwrites a file of that name', async () => {
    await writeFile(join(folder, 'Show.mkv'), 'precious');
    const recorder = makeRecorder();
    await recorder.start({ folder, name: 'Show', container: 'mkv' });
    await feed(5_000_000, 1);
    expect((await recorder.stop()).files).toEqual([join(folder, 'Show (2).mkv')]);
  }, 60_000);

  it('stays Matroska, and says so, where there is no ffmpeg', async () => {
    const recorder = makeRecorder({ ffmpeg: null });
    await recorder.start({ folder, name: 'Raw', container: 'mp4' });
    await feed(5_000_000, 1);
    const result = await recorder.stop();
    expect(result).toMatchObject({ remuxed: false, files: [join(folder, 'Raw.mkv')] });
    expect(result.error?.code).toBe('ffmpeg.missing');
    expect((await decode(ffmpeg, result.files[0]!)).frames).toBe(30);
  }, 60_000);
});

describe('a recording that cannot be written', () => {
  it('is refused at start when the folder is a file', async () => {
    await writeFile(join(folder, 'file'), '');
    const started = makeRecorder().start({
      folder: join(folder, 'file', 'deep'),
      name: 'x',
      container: 'mp4',
    });
    await expect(started).rejects.toMatchObject({ code: 'recording.folder' });
  });

  it('is closed safely when the disk is full: what was written plays', async () => {
    let left = 150_000;
    const recorder = makeRecorder({
      async openFile(path) {
        const file = await openGrowingFile(path);
        return {
          ...file,
          async append(bytes) {
            const room = bytes.subarray(0, left);
            left -= room.byteLength;
            await file.append(room);
            if (room.byteLength < bytes.byteLength) {
              const full = Object.assign(new Error('no space'), { code: 'ENOSPC' });
              throw recordingError(full, path, 'recording.failed');
            }
          },
        };
      },
    });
    await recorder.start({ folder, name: 'Full', container: 'mp4' });
    await feed(5_000_000, 4);
    await expect.poll(() => recorder.live().state, { timeout: 30_000 }).toBe('idle');
    const { error, file } = recorder.live();
    expect(error?.code).toBe('recording.disk-full');
    const { frames } = await decode(ffmpeg, file!);
    expect(frames).toBeGreaterThan(5);
    expect(frames).toBeLessThan(120);
  }, 60_000);

  it('is closed safely on a disk that really is full, and keeps the part for later', async (context) => {
    if (!(await mayMount())) context.skip('a small tmpfs needs Linux and CAP_SYS_ADMIN');
    const small = join(folder, 'small');
    await mkdir(small);
    expect(await exitCode('mount', ['-t', 'tmpfs', '-o', 'size=300k', 'tmpfs', small])).toBe(0);
    try {
      const recorder = makeRecorder();
      await recorder.start({ folder: small, name: 'Full', container: 'mp4' });
      await feed(5_000_000, 4);
      await expect.poll(() => recorder.live().state, { timeout: 30_000 }).toBe('idle');
      expect(recorder.live().error?.code).toBe('recording.disk-full');
      expect((await readdir(small)).sort()).toEqual(['Full.recording.json', 'Full.recording.mkv']);
      expect((await decode(ffmpeg, join(small, 'Full.recording.mkv'))).frames).toBeGreaterThan(5);
    } finally {
      await exitCode('umount', [small]);
    }
  }, 60_000);

  it('reports the end by itself once, and keeps a stalled disk from holding back the bus for long', async () => {
    const results: RecordingResult[] = [];
    let stalled: () => void = () => {};
    const stall = new Promise<void>((resolve) => (stalled = resolve));
    const recorder = new Recorder({
      bus,
      ffmpeg: () => ffmpeg,
      nowUs: () => nowUs,
      onFinished: (result) => results.push(result),
      async openFile(path) {
        const file = await openGrowingFile(path);
        return { ...file, append: (bytes) => stall.then(() => file.append(bytes)) };
      },
    });
    await recorder.start({ folder, name: 'Stalled', container: 'mp4' });
    const key = fixture.packets[0]!;
    bus.pushVideo({ ...key, timestampUs: 5_000_000 });
    for (let i = 1; i < 2_000; i += 1) bus.pushVideo({ ...key, key: false, timestampUs: 5e6 + i * 33_333 });
    expect(bus.ready()).toBeUndefined();
    const big = new Uint8Array(65 * 2 ** 20);
    for (let i = 0; i < 2; i += 1) {
      bus.pushVideo({ ...key, key: false, data: big, timestampUs: 100e6 + i * 33_333 });
    }
    expect(bus.ready()).toBeInstanceOf(Promise);
    for (let i = 2; i < 5; i += 1) {
      bus.pushVideo({ ...key, key: false, data: big, timestampUs: 100e6 + i * 33_333 });
    }
    expect(recorder.live()).toMatchObject({ state: 'finishing', error: { code: 'recording.failed' } });
    expect(bus.ready()).toBeUndefined();
    stalled();
    await expect.poll(() => results.length, { timeout: 20_000 }).toBe(1);
    expect(results[0]!.error?.code).toBe('recording.failed');
    expect(recorder.live().state).toBe('idle');
  }, 60_000);

  it('ends with the error when the bus had to detach it', async () => {
    const results: RecordingResult[] = [];
    const recorder = new Recorder({
      bus,
      ffmpeg: () => ffmpeg,
      nowUs: () => nowUs,
      onFinished: (result) => results.push(result),
    });
    await recorder.start({ folder, name: 'Thrown', container: 'mp4' });
    await feed(5_000_000, 1);
    let reads = 0;
    const data = {
      get byteLength() {
        reads += 1;
        // The bus counts it; the recorder is the second to look.
        if (reads > 1) throw new Error('unreadable');
        return 1;
      },
    } as Uint8Array;
    bus.pushVideo({ data, key: false, timestampUs: 7_000_000, durationUs: 33_333 });
    await expect.poll(() => results.length, { timeout: 20_000 }).toBe(1);
    expect(results[0]!.error?.message).toBe('unreadable');
    expect(recorder.live().state).toBe('idle');
  }, 60_000);

  it('refuses what its state does not allow', async () => {
    const recorder = makeRecorder();
    expect(() => recorder.pause()).toThrow(StudioError);
    await expect(recorder.stop()).rejects.toMatchObject({ code: 'argument.invalid' });
  });

  it('reports that no picture arrived, and leaves no file', async () => {
    const recorder = makeRecorder();
    await recorder.start({ folder, name: 'Empty', container: 'mp4' });
    const result = await recorder.stop();
    expect(result).toMatchObject({ files: [] });
    expect(result.error?.code).toBe('recording.failed');
    expect(await readdir(folder)).toEqual([]);
  });
});

/** Whether this process has CAP_SYS_ADMIN (bit 21): root in a container often has not. */
async function mayMount(): Promise<boolean> {
  if (process.platform !== 'linux') return false;
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(await readFile('/proc/self/status', 'utf8'))?.[1];
  return effective !== undefined && ((BigInt(`0x${effective}`) >> 21n) & 1n) === 1n;
}

function exitCode(command: string, args: string[]): Promise<number | null> {
  return new Promise((resolve) => spawn(command, args, { stdio: 'ignore' }).on('close', resolve));
}
