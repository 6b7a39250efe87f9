import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openGuardedGpu } from './guarded-gpu';
import type { OpenedDevice } from './open-device';

/** No process has it: Linux counts to 2^22. */
const DEAD = 2 ** 30;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'guarded-gpu-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

async function open(): Promise<OpenedDevice> {
  const device = { lost: new Promise(() => {}), limits: {}, destroy: () => {} } as unknown as GPUDevice;
  return { device, name: 'test', isSoftware: true };
}

const mark = (user: string) => join(folder, `fantascope-gpu-${user}-${process.ppid}`);

it('[I13] a mark lies there while the device is open, and not after its orderly end', async () => {
  const gpu = await openGuardedGpu('animate', folder, open);
  expect(readdirSync(folder)).toHaveLength(1);
  await gpu.close();
  expect(readdirSync(folder)).toEqual([]);
});

it('[I13] after a process that died with the device open it is refused in words', async () => {
  writeFileSync(mark('animate'), `${DEAD}`);
  await expect(openGuardedGpu('animate', folder, open)).rejects.toMatchObject({
    code: 'gpu.unavailable',
    message: expect.stringContaining('died while it used the graphics card') as string,
  });
  await (await openGuardedGpu('generate', folder, open)).close();
});

it('[I13] a living process with the device open is no reason to refuse, and keeps its mark', async () => {
  writeFileSync(mark('animate'), `${process.pid}`);
  await (await openGuardedGpu('animate', folder, open)).close();
  expect(readdirSync(folder)).toHaveLength(1);
});

it('no device leaves no mark', async () => {
  const none = () => Promise.reject(new Error('none'));
  await expect(openGuardedGpu('animate', folder, none)).rejects.toThrow('none');
  expect(readdirSync(folder)).toEqual([]);
});

it('where no mark can be made the device is opened without', async () => {
  await (await openGuardedGpu('animate', join(folder, 'absent'), open)).close();
});
