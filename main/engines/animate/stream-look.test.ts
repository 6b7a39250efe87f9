import { beforeEach, describe, expect, it } from 'vitest';
import { animateControls, type AnimateControlValues } from '../../../contract/animate';
import { warpNoise } from '../runtime/image/warp-noise';
import { gradientPicture } from '../testing/fixtures';
import { SeedNoise } from './noise/seed-noise';
import { StreamLook, type LookModel, type Wish } from './stream-look';

const SIZE = { width: 64, height: 64 };
const SOURCE = { ...SIZE, rgba: gradientPicture(64, 64) };
const SHAPE = { channels: 4, rows: 8, columns: 8 };
const LENGTH = 4 * 64;

/** A model whose prompts are one number: the length of their text. */
const model: LookModel = {
  hear: async ({ ids }) => Float32Array.of(ids[0]!),
  latentShape: () => SHAPE,
  warp: async (job) => warpNoise(job),
};
const said = (text: string) => ({ ids: [text.length], unheard: [] });

function wish(change: Partial<AnimateControlValues> = {}): Wish {
  const settings = animateControls({ prompt: 'ten', strength: 0.5, seed: 1, ...change });
  return {
    settings,
    prompt: said(settings.prompt),
    others: settings.blend?.others.map(({ prompt }) => said(prompt)) ?? [],
    negative: settings.negative ? said(settings.negative) : null,
  };
}

describe('StreamLook', () => {
  const noises = new SeedNoise();
  let look: StreamLook;
  const heard = async (nowMs: number) => (await look.at(SOURCE, SIZE, nowMs)).hidden[0]!;

  beforeEach(() => {
    look = new StreamLook(model);
  });

  it('is what was wished for: prompt, negative prompt, strength, steps, guidance and the seed’s noise', async () => {
    const guidance = { mode: 'full', scale: 2, delta: 1 } as const;
    look.turnTo(wish({ negative: 'four', guidance, steps: 3 }), 0, true);
    const at = await look.at(SOURCE, SIZE, 0);
    expect(at).toMatchObject({ strength: 0.5, steps: 3, guidance });
    expect([at.hidden[0], at.against![0]]).toEqual([3, 4]);
    expect(at.noise).toEqual(noises.of(1, LENGTH));
  });

  it('[S8] a blend hears its prompts by their weights', async () => {
    const others = [{ prompt: 'eleven long', weight: 0.25 }];
    look.turnTo(wish({ blend: { kind: 'linear', weight: 0.75, others } }), 0, true);
    expect(await heard(0)).toBeCloseTo(5, 6);
  });

  it('[S8] without a fade a new prompt holds with the next picture', async () => {
    look.turnTo(wish(), 0, true);
    await heard(0);
    look.turnTo(wish({ prompt: 'thirteen more' }), 10, true);
    expect(await heard(10)).toBe(13);
  });

  it('[S8] a fade goes from where the last picture was, and a newer one takes over from there', async () => {
    const fade = { ms: 1000, easing: 'linear' } as const;
    look.turnTo(wish({ fade }), 0, true);
    expect(await heard(0)).toBe(3);
    look.turnTo(wish({ fade, prompt: 'thirteen more' }), 100, false);
    expect(await heard(100)).toBeCloseTo(3, 6);
    expect(await heard(600)).toBeCloseTo(8, 6);
    look.turnTo(wish({ fade, prompt: 'ten' }), 600, false);
    expect(await heard(600)).toBeCloseTo(8, 6);
    expect(await heard(1100)).toBeCloseTo(5.5, 6);
    expect(await heard(1600)).toBe(3);
    expect(await heard(9999)).toBe(3);
  });

  it('[S8] what does not fade, such as strength, changes at once and does not begin the fade anew', async () => {
    const fade = { ms: 1000, easing: 'linear' } as const;
    look.turnTo(wish({ fade }), 0, true);
    await heard(0);
    look.turnTo(wish({ fade, prompt: 'thirteen more' }), 0, false);
    look.turnTo(wish({ fade, prompt: 'thirteen more', strength: 0.9 }), 500, false);
    const at = await look.at(SOURCE, SIZE, 500);
    expect(at.strength).toBe(0.9);
    expect(at.hidden[0]).toBeCloseTo(8, 6);
  });

  it('[S9] a new seed fades in with its noise, which stays as strong', async () => {
    const fade = { ms: 1000, easing: 'linear' } as const;
    look.turnTo(wish({ fade }), 0, true);
    await heard(0);
    look.turnTo(wish({ fade, seed: 2 }), 0, false);
    const { noise } = await look.at(SOURCE, SIZE, 500);
    const [a, b] = [noises.of(1, LENGTH), noises.of(2, LENGTH)];
    noise.forEach((value, i) => expect(value).toBeCloseTo((a[i]! + b[i]!) * Math.SQRT1_2, 5));
    expect((await look.at(SOURCE, SIZE, 1000)).noise).toEqual(b);
  });

  it('[S10] moving noise is another picture’s where the source moved, and none of it where it cannot be looked for', async () => {
    look.turnTo(wish({ noise: { kind: 'moving', renewal: 0 } }), 0, true);
    const first = (await look.at(SOURCE, SIZE, 0)).noise;
    expect(first).not.toEqual(noises.of(1, LENGTH));
    expect((await look.at(SOURCE, SIZE, 1)).noise).toEqual(first);
    const odd = { width: 60, height: 60, rgba: gradientPicture(60, 60) };
    expect((await look.at(odd, SIZE, 2)).noise).toEqual(noises.of(1, LENGTH));
  });
});
