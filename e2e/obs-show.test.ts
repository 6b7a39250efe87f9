import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findFfmpeg } from '../main/outputs/ffmpeg';
import { layerOf } from './helpers/live-state';
import { lookAtObs } from './helpers/obs-look';
import { programmeClock } from './helpers/programme-time';
import { median, readPictures } from './helpers/recording';
import { StudioProcess } from './helpers/studio-process';
import { until } from './helpers/until';
import { obsMissing, ObsPeer } from './peers/obs';
import { freeUdpPort } from './peers/srt-listener';

const missing = !(await findFfmpeg())?.protocols.includes('srt') ? 'no ffmpeg with SRT' : obsMissing();
const SOURCE = 'Fantascope programme';

describe('a show that is sent to OBS', () => {
  let peer: ObsPeer;
  let studio: StudioProcess;

  beforeAll(async () => {
    if (missing !== null) return;
    peer = new ObsPeer();
    await peer.start();
    const obs = {
      host: '127.0.0.1',
      port: peer.port,
      scene: 'Fantascope',
      source: SOURCE,
      srtPort: await freeUdpPort(),
    };
    const layers = [layerOf('card', { kind: 'test-card', beep: true })];
    studio = await StudioProcess.start({
      project: { scenes: [{ id: 'scene-1', name: 'Card', layers }], obs },
    });
  });
  afterAll(async () => {
    await studio?.stop();
    await peer?.stop();
  });

  it('arrives by its clock barcode, and its recording knows nothing of an OBS that is closed', async (context) => {
    if (missing !== null) return context.skip(missing);
    await studio.rpc.setObsPassword(peer.password);
    await studio.command({ type: 'recording.start' });
    await studio.command({ type: 'obs.start' });
    await studio.until('OBS to show it', (state) => state.obs.state === 'live');
    await studio.until('a latency', (state) => state.obs.latencyMs !== null);
    const nowUs = await programmeClock(studio);
    const agesMs: number[] = [];
    await until('the barcode in OBS', async () => {
      const { barcodeMs, askedUs, answeredUs } = await lookAtObs(peer.socket, SOURCE, nowUs);
      if (barcodeMs !== null) agesMs.push((askedUs + answeredUs) / 2000 - barcodeMs);
      return agesMs.length >= 15;
    });
    const { latencyMs } = studio.state.obs;
    console.log(
      `OBS latency: ${Math.round(median(agesMs))} ms by barcode, ${JSON.stringify(latencyMs)} by fingerprints`,
    );
    expect(median(agesMs)).toBeGreaterThan(0);

    await peer.end('SIGTERM');
    const lost = await studio.until('the loss', (state) => state.obs.state === 'reconnecting');
    expect(lost.obs.error).toMatchObject({ code: 'obs.lost' });
    expect(lost.recording).toMatchObject({ state: 'recording', error: null });
    await peer.start();
    await studio.until('OBS to show it again', (state) => state.obs.state === 'live');
    await studio.command({ type: 'obs.stop' });
    await studio.until('the end', (state) => state.obs.state === 'idle');
    await studio.command({ type: 'recording.stop' });
    const { recording } = await studio.until('the file', (state) => state.recording.state === 'idle');
    const times = (await readPictures(recording.file!)).map(({ timeUs }) => timeUs);
    const gaps = times.slice(1).map((timeUs, index) => timeUs - times[index]!);
    expect(times.length).toBeGreaterThan(100);
    // A picture or two may be left out on a busy machine; an outage of OBS would be seconds.
    expect(Math.max(...gaps)).toBeLessThan(1_000_000);
  });
});
