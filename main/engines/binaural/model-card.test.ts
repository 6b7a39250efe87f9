import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { SHIPPED_MODELS_DIR } from '../testing/fixtures';

const FILE = join(SHIPPED_MODELS_DIR, 'models', 'binaural', 'quality.json');

type Measured = { lsdDb: number; itdErrorUs: number; ildErrorDb: number; pausesDb: number };
type Quality = {
  heldOut: {
    scenes: number;
    betterThanStart: number;
    truthPausesDb: number;
    start: Measured;
    nfe1: Measured;
  };
  silence: number[];
};

describe('the shipped binaural model, as its card measured it', () => {
  const { heldOut, silence } = JSON.parse(readFileSync(FILE, 'utf8')) as Quality;

  it('is nearer to the measured head than its parametric start, on held-out speech and directions', () => {
    expect(heldOut.scenes).toBeGreaterThanOrEqual(12);
    expect(heldOut.nfe1.lsdDb).toBeLessThan(heldOut.start.lsdDb);
    expect(heldOut.betterThanStart).toBeGreaterThan(heldOut.scenes / 2);
  });

  it('keeps what tells directions apart', () => {
    expect(heldOut.nfe1.itdErrorUs).toBeLessThanOrEqual(heldOut.start.itdErrorUs);
    expect(heldOut.nfe1.ildErrorDb).toBeLessThanOrEqual(heldOut.start.ildErrorDb);
  });

  it('adds no noise: silence stays silent, pauses within 3 dB of the truth', () => {
    for (const sample of silence) expect(Math.abs(sample)).toBeLessThan(1e-6);
    expect(heldOut.nfe1.pausesDb).toBeLessThan(heldOut.truthPausesDb + 3);
  });
});
