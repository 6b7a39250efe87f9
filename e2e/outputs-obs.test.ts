import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ObsSettings } from '../contract/project';
import { findFfmpeg, type FfmpegInfo } from '../main/outputs/ffmpeg';
import { matchFingerprint, shrinkToFingerprint } from '../main/outputs/obs/fingerprint';
import { ObsLink } from '../main/outputs/obs/obs-link';
import { Recorder } from '../main/outputs/recorder';
import { temporaryFolder } from '../main/outputs/testing/fixture';
import { decode } from '../main/outputs/testing/probe';
import { BarcodeProgramme, nowUs } from './helpers/barcode-programme';
import { lookAtObs } from './helpers/obs-look';
import { until } from './helpers/until';
import { obsMissing, ObsPeer } from './peers/obs';
import { freeUdpPort } from './peers/srt-listener';

const found = await findFfmpeg();
const missing = !found?.protocols.includes('srt') ? 'no ffmpeg with SRT' : obsMissing();
/** One frame of the programme and a little. */
const FRAME_US = 35_000;
const [SCENE, SOURCE] = ['Fantascope', 'Fantascope programme'];

describe('sending to a real OBS', () => {
  const ffmpeg = found as FfmpegInfo; // no test runs without it
  let peer: ObsPeer;
  let programme: BarcodeProgramme;
  let recorder: Recorder;
  let link: ObsLink;
  let settings: ObsSettings;
  let folder: string;
  let remove: () => Promise<void>;
  const log: string[] = [];

  beforeAll(async () => {
    if (missing !== null) return;
    ({ folder, remove } = await temporaryFolder());
    peer = new ObsPeer();
    await peer.prepare();
    settings = {
      host: '127.0.0.1',
      port: peer.port,
      scene: SCENE,
      source: SOURCE,
      srtPort: await freeUdpPort(),
    };
    programme = await BarcodeProgramme.start();
    recorder = new Recorder({ bus: programme.bus, ffmpeg: () => ffmpeg, nowUs });
    await recorder.start({ folder, name: 'Show', container: 'mkv' });
    link = new ObsLink({
      bus: programme.bus,
      ffmpeg: () => ffmpeg,
      nowUs,
      fingerprints: programme,
      onLog: (line) => log.push(line),
      pace: { mendMs: 4_000, roundMs: 3_000, gatherMs: 800, looks: 4, lookMs: 200 },
    });
  });
  afterAll(async () => {
    await link?.stop();
    programme?.stop();
    await peer?.stop();
    await remove?.();
  });
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });

  async function becomes(state: string, limitMs = 40_000): Promise<void> {
    await until(
      `${state}, not ${JSON.stringify(link.live(true))}`,
      () => link.live(true).state === state,
      limitMs,
    );
  }

  /** How old OBS's pictures are, told by their barcodes, in ms; the programme may still be on its way. */
  async function ages(count: number): Promise<number[]> {
    const found: number[] = [];
    await until('barcodes in OBS', async () => {
      const { barcodeMs, askedUs, answeredUs } = await lookAtObs(peer.socket, SOURCE, nowUs);
      const givenUs = barcodeMs === null ? null : programme.givenUs(barcodeMs);
      if (givenUs !== null) found.push(((askedUs + answeredUs) / 2 - givenUs) / 1000);
      return found.length >= count;
    });
    return found;
  }

  async function inventory(): Promise<{ scenes: unknown[]; inputs: unknown[]; items: unknown[] }> {
    const { scenes } = await peer.socket.call('GetSceneList');
    const { inputs } = await peer.socket.call('GetInputList');
    const { sceneItems } = await peer.socket.call('GetSceneItemList', { sceneName: SCENE });
    return { scenes, inputs, items: sceneItems };
  }

  it('says in words that there is no OBS, and does not try again', async () => {
    link.start(settings, peer.password);
    await becomes('idle');
    expect(link.live(true).error).toMatchObject({ code: 'obs.absent' });
    expect(link.live(true).error!.message).toContain(`127.0.0.1:${peer.port}`);
  });

  it('says in words that the password is wrong, and tells nobody what it was', async () => {
    await peer.start();
    link.start(settings, 'not-the-password');
    await becomes('idle');
    expect(link.live(true).error).toMatchObject({ code: 'obs.refused' });
    expect(JSON.stringify([link.live(true), log])).not.toContain('not-the-password');
  });

  it('makes scene and source, and OBS shows the programme', async () => {
    const before = await peer.socket.call('GetSceneList');
    link.start(settings, peer.password);
    await becomes('live');
    expect((await ages(6)).every((ms) => ms > 0 && ms < 3_000)).toBe(true);
    const { scenes, inputs, items } = await inventory();
    expect(scenes).toHaveLength(before.scenes.length + 1);
    expect(inputs).toHaveLength(1);
    expect(items).toHaveLength(1);
    const after = await peer.socket.call('GetSceneList');
    expect(after.currentProgramSceneName).toBe(before.currentProgramSceneName);
    // The scene itself, not only its source: the place fills the canvas.
    await peer.socket.call('SetCurrentProgramScene', { sceneName: SCENE });
    await until('the scene', async () => (await lookAtObs(peer.socket, SCENE, nowUs)).barcodeMs !== null);
  });

  it('knows a picture in OBS by its fingerprint as well as by its barcode', async () => {
    const offUs: number[] = [];
    await until('pictures', async () => {
      const { picture, barcodeMs } = await lookAtObs(peer.socket, SOURCE, nowUs);
      const givenUs = barcodeMs === null ? null : programme.givenUs(barcodeMs);
      if (picture === null || givenUs === null) return false;
      const { shown, timestampUs } = matchFingerprint(shrinkToFingerprint(picture), programme.ring.all);
      expect(shown).toBe(true);
      if (timestampUs !== null) offUs.push(Math.abs(timestampUs - givenUs));
      return offUs.length >= 8;
    });
    expect(Math.max(...offUs)).toBeLessThan(FRAME_US);
    await until('a latency', () => link.live(true).latencyMs !== null, 20_000);
    expect(link.live(true).latencyMs!.p50).toBeGreaterThan(0);
  });

  it('makes nothing twice at the second start', async () => {
    const before = await inventory();
    await link.stop();
    link.start(settings, peer.password);
    await becomes('live');
    expect(await inventory()).toEqual(before);
  });

  it('mends a source that was changed in OBS', async () => {
    await peer.socket.call('SetInputSettings', {
      inputName: SOURCE,
      inputSettings: { input: 'srt://127.0.0.1:9?mode=listener', buffering_mb: 16 },
    });
    await becomes('reconnecting');
    await becomes('live');
    await ages(2);
    const { inputSettings } = await peer.socket.call('GetInputSettings', { inputName: SOURCE });
    expect(inputSettings['input']).toContain(`:${settings.srtPort}?`);
    expect(inputSettings['buffering_mb']).toBe(0);
  });

  it('makes a source anew that was removed in OBS', async () => {
    await peer.socket.call('RemoveInput', { inputName: SOURCE });
    await becomes('reconnecting');
    await becomes('live');
    await ages(2);
    expect((await inventory()).inputs).toHaveLength(1);
  });

  it('pushes again when its ffmpeg was killed', async () => {
    process.kill(link.pid!, 'SIGKILL');
    await becomes('reconnecting');
    await becomes('live');
    await ages(2);
  });

  it('heals when OBS was killed and started again', async () => {
    await peer.end('SIGKILL');
    await becomes('reconnecting');
    expect(link.live(true).error).toMatchObject({ code: 'obs.lost' });
    await sleep(1_000);
    await peer.start();
    await becomes('live');
    await ages(2);
    expect((await inventory()).inputs).toHaveLength(1);
  });

  it('leaves the recording alone through all of it', async () => {
    await link.stop();
    expect(link.live(true)).toMatchObject({ state: 'idle', error: null });
    const result = await recorder.stop();
    expect(result.error).toBeNull();
    expect(await decode(ffmpeg, result.files[0]!)).toEqual({ frames: result.videoFrames, complaints: '' });
  });
});
