import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { ModelTransfer } from '../../../contract/models';
import { leftWords, transferWords } from './transfer-words';

function transfer(patch: Partial<ModelTransfer>): ModelTransfer {
  const calm = { doneBytes: 0, totalBytes: 3.98e9, bytesPerSecond: 12.4e6, etaS: 180 };
  return { ...calm, file: null, retrying: null, ...patch };
}

test('amount, speed and time left are told in one unit each', () => {
  expect(transferWords(transfer({ doneBytes: 0.86e9 }))).toMatchObject({
    percent: '\u200721 %',
    amount: '0.86 of 3.98 GB',
    rate: '12.4 MB/s',
    left: '3 min left',
    spoken: '21 %, 0.86 of 3.98 GB, 3 min left',
  });
});

test('a known total keeps the width of amount and percent from the first byte to the last', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 1e12 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (total, part) => {
        const first = transferWords(transfer({ totalBytes: total, doneBytes: 0 }));
        const later = transferWords(transfer({ totalBytes: total, doneBytes: Math.floor(total * part) }));
        expect(later.amount).toHaveLength(first.amount.length);
        expect(later.percent).toHaveLength(first.percent.length);
        expect(later.fraction).toBeLessThanOrEqual(1);
      },
    ),
  );
});

test('100 % is not said before the last byte is there', () => {
  expect(transferWords(transfer({ doneBytes: 3.98e9 - 1 })).percent).toBe('\u200799 %');
  expect(transferWords(transfer({ doneBytes: 3.98e9 })).percent).toBe('100 %');
});

test.each([
  ['no total', { totalBytes: 0, doneBytes: 840e6 }],
  ['more than the total', { totalBytes: 800e6, doneBytes: 840e6 }],
])('%s: only what came is told', (_, patch) => {
  expect(transferWords(transfer(patch))).toMatchObject({
    fraction: null,
    percent: '',
    amount: '840 MB so far',
    left: '',
  });
});

test('while nothing comes neither speed nor time is claimed', () => {
  expect(transferWords(transfer({ bytesPerSecond: 0, etaS: 12 }))).toMatchObject({ rate: '', left: '' });
});

test.each([
  [3, 'a few seconds left'],
  [41, '50 s left'],
  [58, '1 min left'],
  [750, '13 min left'],
  [3600, '1 h left'],
  [3590 + 3600, '2 h left'],
  [7800, '2 h 10 min left'],
  [1e9, 'days left'],
])('%d s: %s', (seconds, words) => {
  expect(leftWords(seconds)).toBe(words);
});
