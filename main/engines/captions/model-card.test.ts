import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SHIPPED_MODELS_DIR } from '../testing/fixtures';

const FILE = join(SHIPPED_MODELS_DIR, 'models/captions/quality.json');

/** Word error rates that the model is to reach, by the beginning of a set's title. */
const LIMITS = [
  ['training voices', 0.25],
  ['held-out accent', 0.35],
] as const;

type Rates = Record<string, number> & { words: number; sentences: number };
type Quality = {
  lookAhead: number;
  wer: Record<string, Rates>;
  people?: Record<string, { wer: number }>;
  streamedMinusWhole: number;
  onnxruntime: { maxDifference: number } | null;
  timing: Record<'start' | 'end', { p95AfterMedianMs: number; within80AfterMedian: number }>;
};

describe('the shipped captions model, as its card measured it', () => {
  const quality = JSON.parse(readFileSync(FILE, 'utf8')) as Quality;
  const setsOf = (title: string) =>
    Object.entries(quality.wer)
      .filter(([name]) => name.startsWith(title))
      .map(([, rates]) => rates);

  it.each(LIMITS)('hears %s with at most a share of %d of the words wrong', (title, limit) => {
    expect(setsOf(title).reduce((sum, set) => sum + set.words, 0)).toBeGreaterThan(300);
    for (const set of setsOf(title)) expect(set[`R=${quality.lookAhead}`]).toBeLessThanOrEqual(limit);
  });

  it('was held against a synthesiser and people it never heard', () => {
    expect(setsOf('another')[0]!.sentences).toBeGreaterThanOrEqual(20);
    expect(Object.keys(quality.people ?? {}).length).toBeGreaterThanOrEqual(3);
  });

  it('streamed equals the whole, in training and in the runtime', () => {
    expect(quality.streamedMinusWhole).toBeLessThanOrEqual(1e-4);
    expect(quality.onnxruntime!.maxDifference).toBeLessThanOrEqual(1e-3);
  });

  it('tells word times within 100 ms, 19 of 20, once its known delay is taken off', () => {
    expect(quality.timing.start.p95AfterMedianMs).toBeLessThanOrEqual(100);
    expect(quality.timing.end.p95AfterMedianMs).toBeLessThanOrEqual(100);
    expect(quality.timing.start.within80AfterMedian).toBeGreaterThanOrEqual(0.95);
  });
});
