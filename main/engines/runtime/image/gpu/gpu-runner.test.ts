import { expect, it } from 'vitest';
import { GpuRunner } from './gpu-runner';
import { given, result } from './program';

const limits = { maxStorageBufferBindingSize: 1024, maxBufferSize: 1536 };

it('[I12] a device that does not answer is given up at the deadline', async () => {
  const silent = {
    limits,
    createShaderModule: () => ({}),
    createComputePipelineAsync: () => new Promise(() => {}),
  } as unknown as GPUDevice;
  const runner = new GpuRunner(silent, 5);
  const slots = { out: result(new Float32Array(4)) };
  const passes = [{ kernel: 'code', slots: ['out'], threads: 4 }];
  await expect(runner.run('op', { slots, passes })).rejects.toMatchObject({
    code: 'gpu.failed',
    message: 'The graphics device did not answer within 5 ms.',
  });
});

it('a program fits when each buffer can be bound and all results read back together', () => {
  const runner = new GpuRunner({ limits } as unknown as GPUDevice);
  const fits = (given_: number, ...results: number[]) => {
    const outs = results.map((bytes, i) => [`out${i}`, result(new Uint8Array(bytes))]);
    return runner.fits({
      slots: { data: given(new Uint8Array(given_)), ...Object.fromEntries(outs) },
      passes: [],
    });
  };
  expect(fits(1024, 1024, 512)).toBe(true);
  expect(fits(1025, 4)).toBe(false);
  expect(fits(4, 1024, 513)).toBe(false);
});
