import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { fillNormals } from '../../../main/engines/runtime/philox';
import { BLOCK_FRAMES, EarlyRender, SourceRing } from './early-render';
import { SHADOW_POLE, onePole } from './head';
import { PathValues, reflectionsOf, tracePaths } from './paths';
import { directionInto, reverberationOf, standIn, type Room } from './room';
import { RoomTail, tailGains } from './room-tail';
import {
  clickDb,
  dryPose,
  impulse,
  levelAt,
  measuredItdUs,
  play,
  spuriousDb,
  tone,
} from './testing/ear-measures';

type Sparse = { every: number; left: number[]; right: number[]; leftSums: number[]; rightSums: number[] };
type RenderCase = {
  name: string;
  count: number;
  room: Room;
  constants: Record<string, number | number[]>;
  positions: number[][];
  lastPaths: { delay: number[]; b0: number[]; b1: number[] }[];
  early: Sparse;
  whole: Sparse;
};
type Vectors = {
  itdUs: { azimuth: number; itd: number }[];
  ildDb: { azimuth: number; hertz: number[]; ild: number[] }[];
  images: { position: number[]; room: Room; paths: { offset: number[]; gain: number }[] };
  renders: RenderCase[];
};

const vectors = JSON.parse(
  readFileSync(resolve('native-models/contracts/binaural-vectors.json'), 'utf8'),
) as Vectors;
const RATE = 48_000;

/** The reference's inputs, by the names it gives them. */
function inputOf({ name, count }: RenderCase): Float32Array {
  const samples = new Float32Array(count);
  if (name === 'still impulse') samples[0] = 1;
  else {
    fillNormals({ low: 1, high: 0 }, 0, samples);
    for (let n = 0; n < count; n++) samples[n]! *= 0.1;
  }
  return samples;
}

/** Renders with the positions of block ends that a case lists. */
function renderCase(test: RenderCase, withTail: boolean): [Float32Array, Float32Array] {
  const input = inputOf(test);
  const ring = new SourceRing();
  const early = new EarlyRender(test.room);
  const tail = new RoomTail(test.room);
  const out: [Float32Array, Float32Array] = [new Float32Array(test.count), new Float32Array(test.count)];
  early.place(Float64Array.from(test.positions[0]!));
  for (let block = 0; block < test.count / BLOCK_FRAMES; block++) {
    const span = [block * BLOCK_FRAMES, (block + 1) * BLOCK_FRAMES] as const;
    const dry = input.subarray(...span);
    const [left, right] = [out[0].subarray(...span), out[1].subarray(...span)];
    ring.write(dry);
    early.render(ring, Float64Array.from(test.positions[block + 1]!), 1, 1, left, right);
    if (withTail) tail.add(dry, 1, 1, left, right);
  }
  return out;
}

function worst(samples: Float32Array, sparse: number[], every: number): number {
  return Math.max(...sparse.map((value, i) => Math.abs(value - samples[i * every]!)));
}

describe('the parametric render and its reference in Python', { timeout: 30_000 }, () => {
  it.each(vectors.renders)('[B1]–[B5] "$name" has the reference’s constants', ({ room, constants }) => {
    const { rt60S, roomConstantM2 } = reverberationOf(room);
    const { lines, level } = tailGains(room);
    expect(SHADOW_POLE).toBeCloseTo(constants.pole as number, 9);
    expect(rt60S).toBeCloseTo(constants.rt60 as number, 9);
    expect(roomConstantM2).toBeCloseTo(constants.roomConstant as number, 9);
    expect(level).toBeCloseTo(constants.tailLevel as number, 9);
    lines.forEach((gain, i) => expect(gain).toBeCloseTo((constants.lineGains as number[])[i]!, 8));
    expect(onePole(8000)).toBeCloseTo(constants.wallK as number, 9);
    expect(onePole(14_000)).toBeCloseTo(constants.tailK as number, 9);
  });

  it.each(vectors.renders)(
    '[B2]–[B4] "$name" ends with the reference’s paths',
    ({ room, positions, lastPaths }) => {
      const values = new PathValues();
      tracePaths(room, reflectionsOf(room), Float64Array.from(insideOf(positions.at(-1)!, room)), values);
      lastPaths.forEach(({ delay, b0, b1 }, path) => {
        for (let ear = 0; ear < 2; ear++) {
          expect(values.delay[2 * path + ear]).toBeCloseTo(delay[ear]!, 5);
          expect(values.b0[2 * path + ear]).toBeCloseTo(b0[ear]!, 7);
          expect(values.b1[2 * path + ear]).toBeCloseTo(b1[ear]!, 7);
        }
      });
    },
  );

  it.each(vectors.renders)('[B2]–[B5] "$name" equals the reference to 1e-5', (test) => {
    for (const [part, withTail] of [
      [test.early, false],
      [test.whole, true],
    ] as const) {
      const [left, right] = renderCase(test, withTail);
      expect(worst(left, part.left, part.every)).toBeLessThan(1e-5);
      expect(worst(right, part.right, part.every)).toBeLessThan(1e-5);
      expect(left.reduce((sum, x) => sum + Math.abs(x), 0)).toBeCloseTo(part.leftSums[1]!, 3);
      expect(right.reduce((sum, x) => sum + Math.abs(x), 0)).toBeCloseTo(part.rightSums[1]!, 3);
    }
  });
});

function insideOf(position: number[], room: Room): number[] {
  return position.map((p, axis) => {
    const corner = p + room.listener[axis]!;
    return Math.min(Math.max(corner, 0.1), room.size[axis]! - 0.1) - room.listener[axis]!;
  });
}

describe('what the ears hear', () => {
  it.each(vectors.itdUs)('[B3] the ITD at $azimuth° is within 10 µs of the table', ({ azimuth, itd }) => {
    expect(Math.abs(measuredItdUs(azimuth) - itd)).toBeLessThan(10);
  });

  it.each(vectors.ildDb)(
    '[B4] the ILD at $azimuth° is within 0.5 dB of the table',
    ({ azimuth, hertz, ild }) => {
      const [left, right] = play(impulse, 8, dryPose(azimuth));
      hertz.forEach((frequency, i) => {
        const ratio = levelAt(left, frequency) / levelAt(right, frequency);
        expect(Math.abs(20 * Math.log10(ratio) - ild[i]!)).toBeLessThan(0.5);
      });
    },
  );

  it('[B1] the images of a position are those of the reference', () => {
    const { position, room, paths } = vectors.images;
    const values = new PathValues();
    tracePaths(room, reflectionsOf(room), Float64Array.from(position), values);
    const direct = Math.hypot(...position);
    paths.forEach(({ offset }, path) => {
      const far = Math.hypot(...offset);
      const least = Math.min(values.delay[2 * path]!, values.delay[2 * path + 1]!);
      const extra = (RATE * (far - direct)) / 343;
      expect(least - 2).toBeGreaterThanOrEqual(extra - 1e-6);
      expect(least - 2).toBeLessThanOrEqual(extra + 12.25);
    });
  });

  it('[B7] a source at WebAudio (1, 0, 0), right, is louder and about 656 µs earlier at the right ear', () => {
    // WebAudio is x right, y up, z back: front = −z, left = −x, up = y.
    const [x, y, z] = [1, 0, 0];
    const [front, leftward, up] = [-z, -x, y];
    const azimuthDeg = (Math.atan2(leftward, front) * 180) / Math.PI;
    expect([azimuthDeg, up]).toEqual([-90, 0]);
    const [left, right] = play((n) => Math.sin(0.2 * n) * Math.exp(-n / 60), 6, dryPose(azimuthDeg));
    const energy = (samples: Float32Array) => samples.reduce((sum, s) => sum + s * s, 0);
    expect(energy(right)).toBeGreaterThan(2 * energy(left));
    expect(-measuredItdUs(azimuthDeg)).toBeGreaterThan(-670);
    expect(Math.abs(measuredItdUs(azimuthDeg) + 656)).toBeLessThan(10);
  });

  it('a source beyond the walls is heard from its own direction', () => {
    const direction = new Float64Array(3);
    const position = new Float64Array(3);
    const room = vectors.images.room;
    for (const azimuth of [10, 45, 100, -130]) {
      directionInto(azimuth, 12, direction);
      standIn(room, direction, 20, position);
      const far = Math.hypot(...position);
      position.forEach((p, axis) => expect(p / far).toBeCloseTo(direction[axis]!, 9));
    }
  });
});

describe('a moving source', { timeout: 30_000 }, () => {
  it('[B6] an orbit at 2 rev/s leaves a 2 kHz sine with spurious energy below −60 dB', () => {
    const degreesPerBlock = (360 * 2 * BLOCK_FRAMES) / RATE;
    const orbit = play(tone(2000), 96 + 128, dryPose(0, 1.2), (block) => {
      const turned = (block * degreesPerBlock) % 360;
      return { ...dryPose(turned > 180 ? turned - 360 : turned, 1.2), room: 0.5 };
    });
    for (const ear of orbit) expect(spuriousDb(ear.subarray(96 * BLOCK_FRAMES), 2000, 250)).toBeLessThan(-60);
  });

  it('[B6] a source that teleports makes no click above −60 dB', () => {
    const places = [
      dryPose(80, 0.5),
      dryPose(-80, 2),
      { ...dryPose(170, 0.3), elevationDeg: 40 },
      dryPose(0, 20),
    ];
    const every = 24;
    const jumps = play(tone(440), every * 9, places[0]!, (block) => ({
      ...places[Math.floor(block / every) % 4]!,
      room: 1,
    }));
    for (const ear of jumps) {
      for (let jump = 1; jump < 9; jump++)
        expect(clickDb(ear, jump * every * BLOCK_FRAMES)).toBeLessThan(-60);
    }
  });

  it('[B6] a source that jumps fifty times a second is still free of clicks and keeps its level', () => {
    const jumps = play(tone(440), 400, dryPose(80), (block) =>
      dryPose(Math.floor(block / 7.5) % 2 ? -80 : 80),
    );
    for (const ear of jumps) {
      for (let block = 20; block < 390; block++) expect(clickDb(ear, block * BLOCK_FRAMES)).toBeLessThan(-60);
      expect(Math.max(...ear.map(Math.abs))).toBeLessThan(1.2);
    }
  });

  it('values that are not numbers leave the source where it is', () => {
    const still = play(tone(440), 20, dryPose(30));
    const hostile = play(tone(440), 20, dryPose(30), () => ({ ...dryPose(Number.NaN), room: Number.NaN }));
    expect(hostile).toEqual(still);
  });
});
