import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { findFfmpeg } from '../main/outputs/ffmpeg';
import { PipewireCamera } from '../main/outputs/virtual-camera/pipewire';
import { VirtualCamera } from '../main/outputs/virtual-camera/virtual-camera';
import { readBarcode } from '../renderer/stage/barcode';
import { BarcodeProgramme } from './helpers/barcode-programme';
import { until } from './helpers/until';
import { PipewirePeer, pipewireMissing } from './peers/pipewire';

const ffmpeg = await findFfmpeg();
const missing = ffmpeg === null ? 'ffmpeg is not installed' : pipewireMissing();
const SIZE = { width: 320, height: 180 };

describe('a PipeWire camera', () => {
  let peer: PipewirePeer;
  let programme: BarcodeProgramme;
  let camera: VirtualCamera;
  const log: string[] = [];

  beforeAll(async () => {
    if (missing !== null) return;
    peer = new PipewirePeer();
    await peer.start();
    const backend = new PipewireCamera({ platform: 'linux', env: peer.env });
    expect(await backend.probe()).toMatchObject({ available: true });
    programme = await BarcodeProgramme.start();
    camera = new VirtualCamera({
      bus: programme.bus,
      ffmpeg,
      backends: [backend],
      onLog: (line) => log.push(line),
      onChange: () => {},
      retryMs: 300,
    });
  });
  afterAll(async () => {
    await camera?.stop();
    programme?.stop();
    await peer?.stop();
  });
  beforeEach((context) => {
    if (missing !== null) context.skip(missing);
  });

  async function becomes(state: string): Promise<void> {
    await until(`${state}; ${log.join('\n')}`, () => camera.live().state === state);
  }

  /** Programme milliseconds of the pictures that another process reads. */
  async function readTimes(frames: number): Promise<number[]> {
    const pictures = await peer.read('fantascope', frames, SIZE);
    return pictures.flatMap((data) => readBarcode({ data, ...SIZE }) ?? []);
  }

  it('gives another process 60 distinct pictures in order', async () => {
    camera.start('pipewire');
    await becomes('on');
    // It waits for a reader as long as need be.
    await sleep(1_500);
    const times = await readTimes(70);
    expect(new Set(times).size).toBeGreaterThanOrEqual(60);
    const backwards = times.filter((ms, index) => index > 0 && ms < times[index - 1]!);
    // The film behind the programme may begin anew once, or jump to a key frame.
    expect(backwards.length).toBeLessThanOrEqual(1);
  });

  it('comes back once when a process is killed, and is off in words when it is killed again', async () => {
    process.kill(camera.pids[0]!, 'SIGKILL');
    await until('starting', () => camera.live().state === 'starting');
    expect(camera.live().error).toMatchObject({ code: 'camera.failed' });
    await becomes('on');
    expect(new Set(await readTimes(10)).size).toBeGreaterThanOrEqual(5);
    process.kill(camera.pids[1]!, 'SIGKILL');
    await becomes('off');
    expect(camera.live()).toMatchObject({ backend: null, error: { code: 'camera.failed' } });
  });
});
