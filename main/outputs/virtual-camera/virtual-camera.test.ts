import { describe, expect, it } from 'vitest';
import { StudioError } from '../../../contract/errors';
import { ProgrammeBus } from '../programme-bus';
import type { CameraOptions, RunningCamera, VirtualCameraBackend } from './backend';
import { VirtualCamera } from './virtual-camera';

/** A camera that does as the test wants. */
class FakeBackend implements VirtualCameraBackend {
  readonly backend = 'pipewire';
  starts = 0;
  stops = 0;
  options: CameraOptions | null = null;
  start = (options: CameraOptions): Promise<RunningCamera> => {
    this.starts += 1;
    this.options = options;
    return this.next();
  };
  next = (): Promise<RunningCamera> =>
    Promise.resolve({
      pids: [],
      stop: () => {
        this.stops += 1;
        return Promise.resolve();
      },
    });

  probe = () => Promise.resolve({ backend: this.backend, available: true, explanation: 'here' } as const);

  /** It ends without being asked to. */
  die(): void {
    this.options!.onEnded(new StudioError('output', 'camera.failed', 'It died.'));
  }
}

function cameraOf(backend: FakeBackend): VirtualCamera {
  const bus = new ProgrammeBus({ nowUs: () => 0, onKeyFrameNeeded: () => {} });
  const quiet = { onLog: () => {}, onChange: () => {} };
  return new VirtualCamera({ bus, ffmpeg: null, backends: [backend], ...quiet, retryMs: 10 });
}

async function becomes(camera: VirtualCamera, state: string): Promise<void> {
  await expect.poll(() => camera.live().state, { timeout: 5_000 }).toBe(state);
}

describe('VirtualCamera', () => {
  it('is on when pictures flow and off when stopped; one at a time', async () => {
    const backend = new FakeBackend();
    const camera = cameraOf(backend);
    await camera.probe();
    expect(camera.live().capabilities).toHaveLength(1);
    camera.start('pipewire');
    expect(camera.live()).toMatchObject({ state: 'starting', backend: 'pipewire' });
    await becomes(camera, 'on');
    expect(() => camera.start('pipewire')).toThrow('already');
    await camera.stop();
    expect(camera.live()).toMatchObject({ state: 'off', backend: null, error: null });
    expect(backend.stops).toBe(1);
  });

  it('tries once more when it dies, then is off and says why', async () => {
    const backend = new FakeBackend();
    const camera = cameraOf(backend);
    camera.start('pipewire');
    await becomes(camera, 'on');
    backend.die();
    expect(camera.live()).toMatchObject({ state: 'starting', error: { code: 'camera.failed' } });
    await becomes(camera, 'on');
    expect(camera.live().error).toBeNull();
    backend.die();
    expect(camera.live()).toMatchObject({ state: 'off', error: { code: 'camera.failed' } });
    expect(backend.starts).toBe(2);
    camera.start('pipewire');
    await becomes(camera, 'on');
    await camera.stop();
  });

  it('does not try again what is not available', async () => {
    const backend = new FakeBackend();
    backend.next = () => Promise.reject(new StudioError('output', 'camera.unavailable', 'Not here.'));
    const camera = cameraOf(backend);
    camera.start('pipewire');
    await becomes(camera, 'off');
    expect(camera.live().error).toMatchObject({ code: 'camera.unavailable' });
    expect(backend.starts).toBe(1);
  });

  it('ends a camera that comes up after it was stopped', async () => {
    const backend = new FakeBackend();
    const usual = backend.next;
    let open!: () => void;
    backend.next = () => new Promise<void>((resolve) => (open = resolve)).then(usual);
    const camera = cameraOf(backend);
    camera.start('pipewire');
    await expect.poll(() => backend.starts).toBe(1);
    const stopped = camera.stop();
    open();
    await stopped;
    expect(camera.live().state).toBe('off');
    expect(backend.stops).toBe(1);
  });

  it('forgets a retry that was waiting when it is stopped', async () => {
    const backend = new FakeBackend();
    const camera = cameraOf(backend);
    camera.start('pipewire');
    await becomes(camera, 'on');
    backend.die();
    await camera.stop();
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(camera.live().state).toBe('off');
    expect(backend.starts).toBe(1);
  });
});
