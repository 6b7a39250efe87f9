import { mkdir, readFile, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { emptyProject } from '../../contract/project';
import type { FfmpegInfo } from '../outputs/ffmpeg';
import { ProgrammeBus } from '../outputs/programme-bus';
import { makeFixture, needFfmpeg, temporaryFolder, type Fixture } from '../outputs/testing/fixture';
import { testStudio } from '../studio/testing';
import { RecordingDesk } from './recording-desk';

let ffmpeg: FfmpegInfo;
let fixture: Fixture;
let folder: string;
let remove: () => Promise<void>;
let bus: ProgrammeBus;
let desk: RecordingDesk;
let studio: ReturnType<typeof testStudio>['studio'];
let nowUs = 0;

beforeAll(async () => {
  ffmpeg = await needFfmpeg();
  fixture = await makeFixture(ffmpeg, { seconds: 1 });
}, 60_000);

beforeEach(async () => {
  ({ folder, remove } = await temporaryFolder());
  nowUs = 5_000_000;
  bus = new ProgrammeBus({ nowUs: () => nowUs, onKeyFrameNeeded: () => {} });
  bus.setVideoConfig(fixture.config);
  ({ studio } = testStudio({ ...emptyProject(), recording: { folder, container: 'mkv' } }));
  desk = new RecordingDesk({
    studio,
    bus,
    ffmpeg,
    nowUs: () => nowUs,
    onChange: () => {},
    describe: () => Promise.resolve({ model: { id: 'm', files: [{ path: 'a.onnx', sha256: 'ab' }] } }),
  });
});
afterEach(async () => {
  await desk.close();
  await remove();
});

const state = () => desk.recorder.live().state;

function feed(): void {
  for (const packet of fixture.packets) {
    nowUs = packet.timestampUs + 6_000_000;
    bus.pushVideo({ ...packet, timestampUs: nowUs });
  }
}

/** A packet that the bus counts, but whose bytes a sink cannot read: it throws and is detached. */
function breakRecording(): void {
  let reads = 0;
  const data = {
    get byteLength() {
      reads += 1;
      if (reads > 1) throw new Error('unreadable');
      return 1;
    },
  } as Uint8Array;
  nowUs += 33_333;
  bus.pushVideo({ data, timestampUs: nowUs, durationUs: 33_333, key: false });
}

async function entries(file: string): Promise<{ kind: string }[]> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  return lines.map((line) => JSON.parse(line) as { kind: string });
}

describe('RecordingDesk', () => {
  it('obeys a stop that comes while the recording is only being begun', async () => {
    desk.start();
    const left = await desk.stop();
    expect(state()).toBe('idle');
    expect(left).toMatchObject({ files: [], error: { code: 'recording.failed' } });
  });

  it('writes the facts, model and hashes, at the head of the session log', async () => {
    desk.start();
    await expect.poll(state).toBe('recording');
    feed();
    const left = (await desk.stop())!;
    expect(left).toMatchObject({ error: null, startedUs: 6_000_000 });
    const log = await entries(left.sessionLog);
    expect(log[0]).toMatchObject({ kind: 'start', model: { files: [{ sha256: 'ab' }] } });
    expect(log.at(-1)).toMatchObject({ kind: 'end', error: null });
    expect(await desk.stop()).toEqual(left);
  }, 60_000);

  it('closes the log of a recording that ended by itself, and answers with that one', async () => {
    desk.start();
    await expect.poll(state).toBe('recording');
    feed();
    // What is queued is given up when a recording breaks: let it be written first.
    await expect.poll(() => desk.recorder.live().durationUs).toBeGreaterThan(900_000);
    breakRecording();
    await expect.poll(state, { timeout: 20_000 }).toBe('idle');
    desk.note('stats', {});
    const left = (await desk.stop())!;
    expect(left.error).not.toBeNull();
    expect((await entries(left.sessionLog)).at(-1)).toMatchObject({ kind: 'end' });
    expect(left.files).toHaveLength(1);
  }, 60_000);

  it('waits at its close for a recording that is being finished', async () => {
    desk.start();
    await expect.poll(state).toBe('recording');
    feed();
    void desk.stop();
    await desk.close();
    expect((await readdir(folder)).filter((name) => name.includes('.recording.'))).toEqual([]);
  }, 60_000);

  it('tells once that the session log cannot be written, and records on', async () => {
    const start = desk.recorder.start.bind(desk.recorder);
    desk.recorder.start = async (options) => {
      const file = await start(options);
      // A folder where the log should be: opening it fails.
      await mkdir(file.replace(/\.recording\.mkv$/, '.session.jsonl'));
      return file;
    };
    desk.start();
    await expect.poll(() => studio.state.notices.map((n) => n.key)).toEqual(['session-log']);
    expect(studio.state.notices[0]!.error.code).toBe('session-log.failed');
    feed();
    expect(await desk.stop()).toMatchObject({ error: null });
  }, 60_000);

  it('gives each leftover a notice of its own, and looks into a folder once', async () => {
    const old = new Date(Date.now() - 3_600_000);
    for (const name of ['A', 'B']) {
      const file = join(folder, `${name}.recording.mkv`);
      await writeFile(file, 'not a recording');
      await utimes(file, old, old);
    }
    await desk.recover();
    await desk.recover();
    expect(studio.state.notices.map((n) => n.key)).toEqual(['recovered', 'recovered-2']);
  }, 60_000);
});
