import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const FOLDER = resolve(import.meta.dirname, '..', '..', '..', 'native-models', 'models', 'animate');
/** What a look word must reach to be offered. */
const RECOGNISED = 0.8;

type Quality = {
  oneStep: {
    looks: Record<string, { recognisedAtStrength1: number; recognisedAtStrength08: number; n: number }>;
    closestLooks: { difference: number };
    largestTwoSeedDifference: number;
  };
};

function readModelFile<T>(name: string): T {
  return JSON.parse(readFileSync(join(FOLDER, name), 'utf8')) as T;
}

const quality = readModelFile<Quality>('quality.json');
const vocabulary = readModelFile<{ groups: { look: string[] } }>('vocabulary.json');

describe('the shipped animate model, as its card measured it', () => {
  it.each(vocabulary.groups.look)('offers "%s" because it is recognised on held-out pictures', (look) => {
    const measured = quality.oneStep.looks[look]!;
    expect(measured.n).toBeGreaterThanOrEqual(20);
    expect(measured.recognisedAtStrength1).toBeGreaterThanOrEqual(RECOGNISED);
  });

  it('offers enough looks to play with', () => {
    expect(vocabulary.groups.look.length).toBeGreaterThanOrEqual(10);
  });

  it('makes any two looks differ more than two seeds of one do', () => {
    const { closestLooks, largestTwoSeedDifference } = quality.oneStep;
    expect(closestLooks.difference).toBeGreaterThan(largestTwoSeedDifference);
  });
});
