import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LiveState } from '../contract/live';
import { layerOf } from '../e2e/helpers/live-state';
import { lookAtObs } from '../e2e/helpers/obs-look';
import { childrenNamed, killAll } from '../e2e/helpers/processes';
import { programmeClock } from '../e2e/helpers/programme-time';
import { probe, readPictures } from '../e2e/helpers/recording';
import { StudioProcess } from '../e2e/helpers/studio-process';
import { NginxRtmp, prepareNginxRtmp } from '../e2e/peers/nginx-rtmp';
import { obsMissing, ObsPeer } from '../e2e/peers/obs';
import { freeUdpPort } from '../e2e/peers/srt-listener';
import { readBarcode } from '../renderer/stage/barcode';
import { treeCpuSeconds } from './lib/cpu';
import { figure, publish } from './lib/figures';
import { secondsOf } from './lib/options';

const ROUNDS = 2;
const DESTINATION = 'rtmp';
const isLive = (state: LiveState) => state.destinations[DESTINATION]?.state === 'live';

/**
 * What the outputs cost and how they come back: a real nginx-rtmp, whose server, sender and at last
 * main itself are killed with SIGKILL while the test card is live and recording; and how late a real
 * OBS shows it.
 */
export async function bench(args: readonly string[] = []): Promise<void> {
  const seconds = secondsOf(args, 10);
  const missing = await prepareNginxRtmp();
  if (missing !== null) throw new Error(`This bench needs nginx-rtmp: ${missing}.`);
  const folder = await mkdtemp(join(tmpdir(), 'fantascope-bench-outputs-'));
  const nginx = await NginxRtmp.make();
  let studio: StudioProcess | null = null;
  try {
    await nginx.start();
    studio = await goLive(folder, nginx);
    const overhead = await recordingOverhead(studio, seconds);
    const recoverMs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) recoverMs.push(await serverRecovery(studio, nginx));
    const gapsMs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) gapsMs.push(await senderGap(studio, nginx));
    const lossMs = await killMain(studio, folder, seconds);
    const obsMs = await obsLatency(seconds);
    publish('outputs', 'none', [
      figure('rtmpRecoverMs', 'ms', 'lower', recoverMs, {
        against: 'from the server taking connections again to live; first retry after 2 s',
      }),
      figure('recordingOverheadShare', 'share', 'lower', overhead, {
        against: 'CPU of the same live programme without a recording, in turn',
      }),
      figure('killRecordingLossMs', 'ms', 'lower', [lossMs], {
        against: '1000 ms; kill -9 of main, finished at the next start',
      }),
      figure('killOutputGapMs', 'ms', 'lower', gapsMs, {
        against: "programme time missing at the server after kill -9 of the destination's ffmpeg",
      }),
      figure('obsSrtLatencyP50Ms', 'ms', 'lower', obsMs, {
        against: '400 ms; programme picture to the picture in OBS over SRT, by clock barcode',
      }),
    ]);
  } finally {
    await studio?.stop();
    await nginx.dispose();
    await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  }
}

async function goLive(folder: string, nginx: NginxRtmp): Promise<StudioProcess> {
  const studio = await StudioProcess.start({
    userData: folder,
    project: {
      scenes: [{ id: 'scene-1', name: 'Card', layers: [layerOf('card', { kind: 'test-card', beep: true })] }],
      destinations: [
        { id: DESTINATION, name: 'RTMP', protocol: 'rtmp', url: nginx.url, audioBitrateKbps: 128 },
      ],
    },
  });
  await studio.rpc.setStreamKey(DESTINATION, 'key-bench');
  await studio.command({ type: 'live.start', destinationId: DESTINATION });
  await studio.until('live', isLive, 40_000);
  await pause(3000);
  return studio;
}

/** Ages in ms of the programme's pictures as OBS shows them; two starts of the link. */
async function obsLatency(seconds: number): Promise<number[]> {
  const missing = obsMissing();
  if (missing !== null) throw new Error(`This bench needs OBS: ${missing}.`);
  const obs = new ObsPeer();
  let studio: StudioProcess | null = null;
  try {
    await obs.start();
    const source = 'Fantascope programme';
    const link = {
      host: '127.0.0.1',
      port: obs.port,
      scene: 'Fantascope',
      source,
      srtPort: await freeUdpPort(),
    };
    const layers = [layerOf('card', { kind: 'test-card', beep: true })];
    studio = await StudioProcess.start({
      project: { scenes: [{ id: 'scene-1', name: 'Card', layers }], obs: link },
    });
    await studio.rpc.setObsPassword(obs.password);
    const agesMs: number[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      await studio.command({ type: 'obs.start' });
      await studio.until('OBS to show it', (state) => state.obs.state === 'live');
      await studio.until('a latency', (state) => state.obs.latencyMs !== null);
      await pause(3000);
      const nowUs = await programmeClock(studio);
      const endMs = performance.now() + seconds * 1000;
      while (performance.now() < endMs) {
        const { barcodeMs, askedUs, answeredUs } = await lookAtObs(obs.socket, source, nowUs);
        if (barcodeMs !== null) agesMs.push((askedUs + answeredUs) / 2000 - barcodeMs);
        await pause(230);
      }
      await studio.command({ type: 'obs.stop' });
      await studio.until('the end', (state) => state.obs.state === 'idle');
    }
    return agesMs;
  } finally {
    await studio?.stop();
    await obs.stop();
  }
}

/** How much more CPU a recording takes beside a live destination, as shares; A B A B. */
async function recordingOverhead(studio: StudioProcess, seconds: number): Promise<number[]> {
  const shares: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const without = await cpuOver(studio, seconds);
    await record(studio, 1);
    const withIt = await cpuOver(studio, seconds);
    await studio.command({ type: 'recording.stop' });
    await studio.until('file', (s) => s.recording.state === 'idle');
    shares.push((withIt - without) / without);
  }
  return shares;
}

async function cpuOver(studio: StudioProcess, seconds: number): Promise<number> {
  const [before, startMs] = [treeCpuSeconds(studio.pid), performance.now()];
  await pause(seconds * 1000);
  return (treeCpuSeconds(studio.pid) - before) / ((performance.now() - startMs) / 1000);
}

async function serverRecovery(studio: StudioProcess, nginx: NginxRtmp): Promise<number> {
  await nginx.kill();
  await studio.until('lost', (s) => !isLive(s), 40_000);
  await nginx.start();
  const startMs = performance.now();
  await studio.until('live again', isLive, 60_000);
  const tookMs = performance.now() - startMs;
  await pause(3000);
  return tookMs;
}

/** Programme time between the last picture before and the first after, as the test card tells it. */
async function senderGap(studio: StudioProcess, nginx: NginxRtmp): Promise<number> {
  killAll(childrenNamed(studio.pid, nginx.url));
  await studio.until('lost', (s) => !isLive(s), 40_000);
  await studio.until('live again', isLive, 60_000);
  await pause(3000);
  const [before, after] = (await nginx.recordings()).slice(-2);
  return (await cardTimes(after!)).at(0)! - (await cardTimes(before!)).at(-1)!;
}

async function cardTimes(file: string): Promise<number[]> {
  const pictures = await readPictures(file, { width: 320, height: 180 });
  return pictures.flatMap(({ picture }) => readBarcode(picture) || []);
}

/** Recorded programme that a killed main loses, finished by the next start. */
async function killMain(studio: StudioProcess, folder: string, seconds: number): Promise<number> {
  const finished = new Set(await recordings(folder));
  await record(studio, seconds);
  // The state that has just come is the newest; what passes until the kill is added to it.
  const [knownUs, knownMs] = [studio.state.recording.durationUs, performance.now()];
  const windows = childrenNamed(studio.pid, '--user-data-dir');
  const recordedMs = knownUs / 1000 + performance.now() - knownMs;
  process.kill(studio.pid, 'SIGKILL');
  await pause(500);
  killAll(windows);
  await studio.stop();
  const next = await StudioProcess.start({ userData: folder, args: ['--serve'] });
  try {
    await next.until('recovery', (s) => s.notices.some((n) => n.key === 'recovered'), 60_000);
  } finally {
    await next.stop();
  }
  const recovered = (await recordings(folder)).find((name) => !finished.has(name));
  if (!recovered) throw new Error('The next start recovered no recording.');
  const { format } = await probe(join(folder, recovered));
  return recordedMs - Number(format.duration) * 1000;
}

/** Starts a recording and waits until it is `seconds` long; the one before left its length behind. */
async function record(studio: StudioProcess, seconds: number): Promise<void> {
  await studio.command({ type: 'recording.start' });
  await studio.until(
    'recording',
    ({ recording }) => recording.state === 'recording' && recording.durationUs > seconds * 1e6,
    (seconds + 60) * 1000,
  );
}

async function recordings(folder: string): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name.endsWith('.mp4'));
}

function pause(ms: number): Promise<void> {
  return new Promise((done) => setTimeout(done, ms));
}
