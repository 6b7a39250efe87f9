import fc from 'fast-check';
import { expect, test } from 'vitest';
import { dbToTravel, formatDb, parseDb, peakToDb, travelToDb } from './decibels';

test('a full-scale peak is 0 dB, half of it −6.02 dB, silence −120 dB', () => {
  expect(peakToDb(1)).toBe(0);
  expect(peakToDb(0.5)).toBeCloseTo(-6.0206, 3);
  expect(peakToDb(0)).toBe(-120);
});

test('gains are written with a sign, one decimal and a minus of the right width', () => {
  expect([12, 0.04, -0.04, -6, -59.94, -60].map(formatDb)).toEqual([
    '+12.0',
    '0.0',
    '0.0',
    '−6.0',
    '−59.9',
    '−∞',
  ]);
});

test('what is written can be typed back', () => {
  fc.assert(
    fc.property(fc.integer({ min: -600, max: 120 }), (tenths) => {
      expect(parseDb(formatDb(tenths / 10))).toBeCloseTo(tenths / 10, 6);
    }),
  );
});

test('typed levels are clamped to the fader and nonsense is refused', () => {
  expect(parseDb('40 dB')).toBe(12);
  expect(parseDb('-inf')).toBe(-60);
  expect(parseDb('-3,5')).toBe(-3.5);
  expect(parseDb('loud')).toBeNull();
  expect(parseDb('')).toBeNull();
});

test('fader travel rises with the level and inverts exactly', () => {
  fc.assert(
    fc.property(fc.double({ min: -60, max: 12, noNaN: true }), (db) => {
      expect(travelToDb(dbToTravel(db))).toBeCloseTo(db, 6);
    }),
  );
  expect(dbToTravel(-60)).toBe(0);
  expect(dbToTravel(12)).toBe(1);
  expect(dbToTravel(-24)).toBeCloseTo(0.25);
});
