import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { LiveState } from '../contract/live';
import { DEFAULT_ANIMATE, type Layer } from '../contract/project';
import { readBarcode } from '../renderer/stage/barcode';
import { needFfmpeg } from '../main/outputs/testing/fixture';
import { childrenNamed, killAll } from './helpers/processes';
import { readPictures } from './helpers/recording';
import { layerOf } from './helpers/live-state';
import { StudioProcess } from './helpers/studio-process';
import { NginxRtmp, prepareNginxRtmp } from './peers/nginx-rtmp';
import { SrtListener, freeUdpPort } from './peers/srt-listener';

const missing = await prepareNginxRtmp();
const KEY = 'key-wh0-r3ads-th15';
const PASSPHRASE = 'a-passphrase-nobody-reads';

const card = layerOf('card', { kind: 'test-card', beep: true });
/** Below the card, so that its picture is not seen: it keeps an engine at work. */
const driven: Layer = { ...card, id: 'driven', name: 'Driven', engine: DEFAULT_ANIMATE };

describe('going live with the whole studio', () => {
  let nginx: NginxRtmp;
  let srt: SrtListener;
  let folder: string;
  let studio: StudioProcess;

  beforeAll(async () => {
    if (missing !== null) return;
    folder = await mkdtemp(join(tmpdir(), 'fantascope-live-'));
    nginx = await NginxRtmp.make();
    await nginx.start();
    srt = new SrtListener(await needFfmpeg(), folder, await freeUdpPort(), PASSPHRASE);
    await srt.start();
    studio = await StudioProcess.start({
      userData: folder,
      project: {
        scenes: [{ id: 'scene-1', name: 'Card', layers: [driven, card] }],
        strips: [
          {
            id: 's',
            name: 'Beep',
            source: { kind: 'layer', layerId: 'card' },
            gainDb: 0,
            muted: false,
            syncOffsetMs: 0,
            binaural: null,
          },
        ],
        destinations: [
          { id: 'rtmp', name: 'RTMP', protocol: 'rtmp', url: nginx.url, audioBitrateKbps: 128 },
          {
            id: 'srt',
            name: 'SRT',
            protocol: 'srt',
            url: `srt://127.0.0.1:${srt.port}`,
            audioBitrateKbps: 128,
          },
        ],
      },
    });
  });
  afterAll(async () => {
    await studio?.stop();
    await srt?.kill();
    await nginx?.dispose();
    if (folder) await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
  });
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });

  /** The ffmpeg processes that send to a server. */
  const senders = (id: 'rtmp' | 'srt') =>
    childrenNamed(studio.pid, id === 'rtmp' ? nginx.url : `srt://127.0.0.1:${srt.port}`);

  const stateOf = (id: string) => (state: LiveState) => state.destinations[id]?.state;

  it('serves RTMP and SRT at once, each survives its server, and the recording sees nothing of it', async () => {
    expect((await studio.rpc.setStreamKey('rtmp', KEY)).ok).toBe(true);
    expect((await studio.rpc.setStreamKey('srt', `passphrase=${PASSPHRASE}`)).ok).toBe(true);
    await studio.command({ type: 'recording.start' });
    await studio.command({ type: 'live.start', destinationId: 'rtmp' });
    await studio.command({ type: 'live.start', destinationId: 'srt' });
    await studio.until(
      'both live',
      (s) => stateOf('rtmp')(s) === 'live' && stateOf('srt')(s) === 'live',
      40_000,
    );
    await sleep(4000);

    await nginx.kill();
    await studio.until('RTMP lost', (s) => stateOf('rtmp')(s) === 'reconnecting', 30_000);
    expect(studio.state.destinations['srt']!.state).toBe('live');
    await nginx.start();
    await studio.until('RTMP back', (s) => stateOf('rtmp')(s) === 'live', 40_000);

    await srt.kill();
    await studio.until('SRT lost', (s) => stateOf('srt')(s) === 'reconnecting', 40_000);
    expect(studio.state.destinations['rtmp']!.state).toBe('live');
    await srt.start();
    await studio.until('SRT back', (s) => stateOf('srt')(s) === 'live', 40_000);
    await sleep(3000);

    // A killed ffmpeg is a lost connection like any other.
    killAll(senders('rtmp'));
    await studio.until('RTMP lost again', (s) => stateOf('rtmp')(s) === 'reconnecting', 20_000);
    await studio.until('RTMP back again', (s) => stateOf('rtmp')(s) === 'live', 40_000);
    await sleep(2000);

    await studio.command({ type: 'recording.stop' });
    const { recording } = await studio.until(
      'file',
      (s) => s.recording.state === 'idle' && s.recording.file !== null,
    );

    const recorded = await readPictures(recording.file!, { width: 320, height: 180 });
    const gaps = recorded.slice(1).map((p, i) => p.timeUs - recorded[i]!.timeUs);
    expect(Math.max(...gaps)).toBeLessThan(700_000);
  });

  it('stays connected while the engine and then the window are killed; the servers see a slate', async () => {
    await studio.until('engine', (s) => s.engines.animate.state === 'ready', 60_000);
    const before = [senders('rtmp'), senders('srt')];
    expect(before.map((pids) => pids.length)).toEqual([1, 1]);
    const { restarts } = studio.state.engines.animate;
    killAll(childrenNamed(studio.pid, 'engine.js'));
    await studio.until('restart', (s) => s.engines.animate.restarts > restarts, 20_000);

    killAll(childrenNamed(studio.pid, '--user-data-dir'));
    await studio.until('window lost', (s) => s.notices.some((n) => n.key === 'stage'), 20_000);
    await studio.until('window back', (s) => !s.notices.some((n) => n.key === 'stage'), 60_000);
    await sleep(4000);
    expect([stateOf('rtmp')(studio.state), stateOf('srt')(studio.state)]).toEqual(['live', 'live']);
    // The same processes: nobody had to connect anew.
    expect([senders('rtmp'), senders('srt')]).toEqual(before);

    await studio.command({ type: 'live.stop', destinationId: 'rtmp' });
    await studio.command({ type: 'live.stop', destinationId: 'srt' });
    await studio.until(
      'both stopped',
      (s) => stateOf('rtmp')(s) === 'stopped' && stateOf('srt')(s) === 'stopped',
      20_000,
    );
    for (const file of [(await nginx.recordings()).at(-1)!, srt.files.at(-1)!]) {
      const codes = await barcodes(file);
      const first = codes.findIndex((code) => code !== null);
      const last = codes.findLastIndex((code) => code !== null);
      const slate = codes.slice(first, last).filter((code) => code === null);
      expect(slate.length, file).toBeGreaterThan(10);
    }
    const received = [...(await nginx.recordings()), ...srt.files];
    expect(await nginx.recordings()).toHaveLength(3);
    for (const file of received) {
      const read = (await barcodes(file)).filter((code) => code !== null);
      expect(read.length).toBeGreaterThan(30);
      expect(read).toEqual([...read].sort((a, b) => a - b));
    }
  });

  it('leaves the key in no log, project, session log or state', async () => {
    const names = (await readdir(folder, { recursive: true, withFileTypes: true })).filter(
      (entry) =>
        entry.isFile() &&
        /\.(log|json|jsonl|bak|html)$/.test(entry.name) &&
        !entry.parentPath.includes('window'),
    );
    expect(names.map((entry) => entry.name)).toEqual(expect.arrayContaining(['project.json']));
    for (const entry of names) {
      const text = await readFile(join(entry.parentPath, entry.name), 'utf8');
      expect(text, entry.name).not.toContain(KEY);
      expect(text, entry.name).not.toContain(PASSPHRASE);
    }
    expect(JSON.stringify(studio.state)).not.toContain(KEY);
    expect(studio.lines.join('\n')).not.toContain(KEY);
  });
});

/** What each picture's test card says, in ms; null on the slate, which is dark and reads as zeros. */
async function barcodes(file: string): Promise<(number | null)[]> {
  const pictures = await readPictures(file, { width: 320, height: 180 });
  return pictures.map(({ picture }) => readBarcode(picture) || null);
}
