import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { FfmpegInfo } from '../ffmpeg';
import { FakeObs } from '../obs/testing/fake-obs';
import { ProgrammeBus } from '../programme-bus';
import { needFfmpeg, temporaryFolder } from '../testing/fixture';
import { ObsCamera } from './obs-camera';
import { PipewireCamera, pipewireSocket } from './pipewire';
import { LoopbackCamera, loopbackDevices } from './v4l2loopback';

const bus = new ProgrammeBus({ nowUs: () => 0, onKeyFrameNeeded: () => {} });
const options = { bus, onEnded: () => {}, onLog: () => {} };

describe('v4l2loopback', () => {
  let ffmpeg: FfmpegInfo;
  let sysfs: string;
  let remove: () => Promise<void>;

  beforeAll(async () => {
    ffmpeg = await needFfmpeg();
    ({ folder: sysfs, remove } = await temporaryFolder());
  });
  afterAll(() => remove());

  /** A video device as sysfs shows it. */
  async function device(
    number: number,
    name: string,
    where: 'virtual' | 'pci',
    isLoopback: boolean,
  ): Promise<void> {
    const entry = join(sysfs, 'devices', where, 'video4linux', `video${number}`);
    await mkdir(entry, { recursive: true });
    await writeFile(join(entry, 'name'), `${name}\n`);
    if (isLoopback) await writeFile(join(entry, 'max_openers'), '10\n');
    await mkdir(join(sysfs, 'class', 'video4linux'), { recursive: true });
    await symlink(entry, join(sysfs, 'class', 'video4linux', `video${number}`));
  }

  it('says what to install where the module or its device is missing', async () => {
    const camera = new LoopbackCamera({ platform: 'linux', ffmpeg, sysfs });
    const without = await camera.probe();
    expect(without.available).toBe(false);
    expect(without.explanation).toContain('v4l2loopback-dkms');
    await expect(camera.start({ ...options, ffmpeg })).rejects.toMatchObject({ code: 'camera.unavailable' });
    await mkdir(join(sysfs, 'module', 'v4l2loopback'), { recursive: true });
    expect((await camera.probe()).explanation).toContain('has no device');
  });

  it('finds its own devices among cameras, lowest number first', async () => {
    await device(0, 'Webcam', 'pci', false);
    await device(12, 'Second', 'virtual', true);
    await device(4, 'Fantascope', 'virtual', true);
    await device(2, 'vivid', 'virtual', false);
    expect(await loopbackDevices(sysfs)).toEqual([
      { path: '/dev/video4', name: 'Fantascope' },
      { path: '/dev/video12', name: 'Second' },
    ]);
    const capability = await new LoopbackCamera({ platform: 'linux', ffmpeg, sysfs }).probe();
    expect(capability.explanation).toMatch(
      capability.available ? /Fantascope.*\/dev\/video4/ : /ffmpeg must/,
    );
    const none = await new LoopbackCamera({ platform: 'linux', ffmpeg: null, sysfs }).probe();
    expect(none).toMatchObject({ available: false, explanation: expect.stringContaining('ffmpeg') });
  });

  it.each(['win32', 'darwin'] as const)('is not there on %s, nor is PipeWire', async (platform) => {
    for (const camera of [new LoopbackCamera({ platform, ffmpeg }), new PipewireCamera({ platform })]) {
      const { available, explanation } = await camera.probe();
      expect(available).toBe(false);
      expect(explanation).toContain('OBS’s virtual camera');
    }
  });
});

describe('PipeWire', () => {
  it('looks where the session says', () => {
    expect(pipewireSocket({})).toBeNull();
    expect(pipewireSocket({ XDG_RUNTIME_DIR: '/run/user/7' })).toBe('/run/user/7/pipewire-0');
    expect(pipewireSocket({ XDG_RUNTIME_DIR: '/a', PIPEWIRE_RUNTIME_DIR: '/b', PIPEWIRE_REMOTE: 'x' })).toBe(
      '/b/x',
    );
    expect(pipewireSocket({ PIPEWIRE_REMOTE: '/c/y' })).toBe('/c/y');
  });

  it('says that it does not run where nothing answers', async () => {
    const camera = new PipewireCamera({ platform: 'linux', env: { XDG_RUNTIME_DIR: '/nonexistent' } });
    expect(await camera.probe()).toMatchObject({
      available: false,
      explanation: expect.stringContaining('wireplumber'),
    });
    await expect(camera.start({ ...options, ffmpeg: null })).rejects.toMatchObject({
      code: 'camera.unavailable',
    });
  });
});

describe('OBS’s virtual camera', () => {
  let fake: FakeObs;
  let isOn: boolean;
  let status: number;

  beforeEach(async () => {
    fake = await FakeObs.start('right');
    isOn = false;
    status = 100;
    fake.override = (request) => {
      if (!request.includes('VirtualCam')) return null;
      if (status !== 100) return { status };
      if (request === 'StartVirtualCam') isOn = true;
      if (request === 'StopVirtualCam') isOn = false;
      return { data: { outputActive: isOn } };
    };
    return () => fake.stop();
  });

  function camera(platform: NodeJS.Platform, password = 'right'): ObsCamera {
    return new ObsCamera({
      platform,
      access: () => Promise.resolve({ address: { host: '127.0.0.1', port: fake.port }, password }),
    });
  }

  it('starts and stops with the studio’s', async () => {
    expect(await camera('win32').probe()).toMatchObject({ available: true });
    const running = await camera('win32').start({ ...options, ffmpeg: null });
    expect(isOn).toBe(true);
    await running.stop();
    expect(isOn).toBe(false);
  });

  it('ends in words when OBS goes away', async () => {
    const ended: string[] = [];
    await camera('linux').start({ ...options, ffmpeg: null, onEnded: (error) => ended.push(error.code) });
    fake.drop();
    await expect.poll(() => ended).toEqual(['camera.failed']);
  });

  it.each([
    ['linux', 'v4l2loopback'],
    ['win32', 'installer'],
    ['darwin', 'macOS 13'],
    ['freebsd', 'no virtual camera'],
  ] as const)('says on %s what status 604 means there', async (platform, words) => {
    status = 604;
    const { available, explanation } = await camera(platform).probe();
    expect(available).toBe(false);
    expect(explanation).toContain(words);
    const start = camera(platform).start({ ...options, ffmpeg: null });
    await expect(start).rejects.toMatchObject({ code: 'camera.unavailable' });
  });

  it('says why OBS cannot be asked', async () => {
    expect((await camera('linux', 'wrong').probe()).explanation).toContain('password');
  });
});
