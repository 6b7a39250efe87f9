import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseContentRange } from './content-range';
import { mayFetch } from './known-models';
import { fitOf, REFERENCE_GFLOPS } from './model-fit';
import { TransferSpeed } from './transfer-speed';

const machine = { totalBytes: 16e9, availableBytes: 8e9, hasGraphics: false };
const model = { bytes: 100e6, tier: 'cpu' as const, cost: null };

const costs = (gflops: number) => ({ gflops, of: 'a picture' });

describe('fitOf', () => {
  it('weighs what a model takes against the memory there is and what is free', () => {
    expect(fitOf(model, machine, null).verdict).toBe('fits');
    expect(fitOf({ ...model, bytes: 3e9 }, machine, null)).toMatchObject({
      verdict: 'tight',
      why: expect.stringContaining('8.0 GB are free now'),
    });
    expect(fitOf({ ...model, bytes: 10e9 }, machine, null)).toMatchObject({
      verdict: 'wont',
      why: expect.stringContaining('this machine has 16.0 GB'),
    });
    expect(fitOf({ ...model, bytes: null }, machine, null).verdict).toBe('tight');
  });

  it('foresees results a second from what was measured here and what one costs', () => {
    const fast = fitOf({ ...model, cost: costs(REFERENCE_GFLOPS) }, machine, 50);
    expect(fast.predictedFps).toBeCloseTo(20);
    const slow = fitOf({ ...model, cost: costs(20 * REFERENCE_GFLOPS) }, machine, 50);
    expect(slow).toMatchObject({ verdict: 'tight', why: expect.stringContaining('1.0 results a second') });
    expect(fitOf(model, machine, 50)).toMatchObject({ predictedFps: null, resultOf: null });
    expect(fitOf({ ...model, cost: costs(1) }, machine, null)).toMatchObject({
      predictedFps: null,
      resultOf: 'a picture',
    });
  });

  it('foresees nothing of a graphics card, for only the processor is measured', () => {
    const big = { ...model, tier: '8gb' as const, cost: costs(800) };
    expect(fitOf(big, { ...machine, hasGraphics: true }, 50)).toMatchObject({
      verdict: 'fits',
      predictedFps: null,
      resultOf: null,
    });
  });

  it('does not call a model for a graphics card fitting where there is none', () => {
    const big = { ...model, tier: '8gb' as const };
    expect(fitOf(big, machine, null).verdict).toBe('tight');
    expect(fitOf({ ...big, cost: costs(800) }, machine, 50)).toMatchObject({
      verdict: 'wont',
      why: expect.stringContaining('would make one result in '),
    });
    expect(fitOf({ ...big, bytes: null, cost: costs(800) }, machine, 50)).toMatchObject({
      verdict: 'wont',
      why: expect.stringContaining('a graphics card with 8 GB'),
    });
    // 2.71 GFLOP in 50 ms: 5536 take 102 s, told in plain digits.
    expect(fitOf({ ...big, cost: costs(5536) }, machine, 50).why).toContain(
      'would make one result in 100 s.',
    );
    expect(fitOf(big, { ...machine, hasGraphics: true }, null).verdict).toBe('fits');
  });
});

describe('parseContentRange', () => {
  it('reads what servers may say, and nothing else', () => {
    expect(parseContentRange('bytes 5-9/10')).toEqual({ from: 5, total: 10 });
    expect(parseContentRange('bytes 5-9/*')).toEqual({ from: 5, total: null });
    expect(parseContentRange('bytes */10')).toEqual({ from: null, total: 10 });
    for (const wrong of [null, '', 'bytes 9-5/10', 'bytes 5-10/10', 'items 0-1/2', 'bytes 0-1/2, 3-4/5'])
      expect(parseContentRange(wrong)).toBeNull();
  });

  it('never throws', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        parseContentRange(text);
      }),
    );
  });
});

describe('mayFetch', () => {
  it('allows https, and http on this machine alone', () => {
    expect(['https://a.example/x', 'http://127.0.0.1:8/x', 'http://localhost/x'].every(mayFetch)).toBe(true);
    const wrong = [
      'http://a.example/x',
      'file:///x',
      'https://me:pw@a.example/',
      'https://',
      '',
      'http://127.0.0.1.example/',
    ];
    expect(wrong.some(mayFetch)).toBe(false);
  });
});

describe('TransferSpeed', () => {
  it('is the mean of the last four seconds, and 0 once nothing comes', () => {
    let nowMs = 0;
    const speed = new TransferSpeed(() => nowMs);
    expect(speed.bytesPerSecond).toBe(0);
    for (; nowMs < 10_000; nowMs += 10) speed.came(10);
    expect(speed.bytesPerSecond).toBeGreaterThan(950);
    expect(speed.bytesPerSecond).toBeLessThan(1050);
    nowMs += 5000;
    expect(speed.bytesPerSecond).toBe(0);
  });
});
