import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { StudioError } from '../../../contract/errors';
import { hostileCopies } from '../../../contract/testing/hostile';
import { parseShow } from './show-file';

const FILE = resolve(import.meta.dirname, '../../../shows/demo/demo.json');
const demo = JSON.parse(readFileSync(FILE, 'utf8')) as object;

describe('a show script', () => {
  it('names its media by where it lies', () => {
    const { media } = parseShow(demo, FILE).project;
    expect(media.map(({ path }) => path)).toContain(resolve(FILE, '../rabbit320.mp4'));
  });

  it('that is any JSON is answered with an error of its own', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        expect(() => parseShow(value, FILE)).toThrow(StudioError);
      }),
      { numRuns: 10_000 },
    );
  }, 60_000);

  it('that is damaged is a show or answered with an error of its own, never with anything else', () => {
    let taken = 0;
    fc.assert(
      fc.property(hostileCopies(demo), (value) => {
        try {
          parseShow(value, FILE);
          taken += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(StudioError);
        }
      }),
      { numRuns: 10_000 },
    );
    expect(taken).toBeGreaterThan(0);
  }, 60_000);
});
