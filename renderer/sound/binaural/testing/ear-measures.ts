import { BLOCK_FRAMES } from '../early-render';
import { SHADOW_POLE } from '../head';
import { JUMP_BLOCKS, ParametricRender, type Pose } from '../parametric-render';

const RATE = 48_000;
const JUMP_FRAMES = JUMP_BLOCKS * BLOCK_FRAMES;
const CLICK_HZ = 4000;
/** Half length of the click meter's high-pass, samples. */
const HALF_TAPS = 64;
/** 2 ms. */
const CLICK_REACH = 96;
const BLACKMAN_HARRIS = [0.35875, -0.48829, 0.14128, -0.01168] as const;

/** 1 at sample 0, then silence. */
export const impulse = (n: number): number => (n === 0 ? 1 : 0);

/** A sine of half scale. */
export const tone = (hertz: number) => (n: number) => 0.5 * Math.sin((2 * Math.PI * hertz * n) / RATE);

/** A pose without its room. */
export function dryPose(azimuthDeg: number, distanceM = 1): Pose {
  return { azimuthDeg, elevationDeg: 0, distanceM, room: 0 };
}

/** Left and right of `blocks` blocks of a signal of sample numbers; `poseAt` may aim before each block. */
export function play(
  signal: (n: number) => number,
  blocks: number,
  start: Pose,
  poseAt: (block: number) => Pose | null = () => null,
): [Float32Array, Float32Array] {
  const render = new ParametricRender(start);
  const frames = blocks * BLOCK_FRAMES;
  const out: [Float32Array, Float32Array] = [new Float32Array(frames), new Float32Array(frames)];
  const dry = new Float32Array(BLOCK_FRAMES);
  for (let block = 0; block < blocks; block++) {
    const pose = poseAt(block);
    if (pose) render.aim(pose);
    const from = block * BLOCK_FRAMES;
    for (let j = 0; j < BLOCK_FRAMES; j++) dry[j] = signal(from + j);
    const to = from + BLOCK_FRAMES;
    render.render(dry, out[0].subarray(from, to), out[1].subarray(from, to));
  }
  return out;
}

/** Magnitude of a signal's spectrum at one frequency (the recursion of Goertzel 1958). */
export function levelAt(samples: Float32Array, hertz: number): number {
  const turn = 2 * Math.cos((2 * Math.PI * hertz) / RATE);
  let last = 0;
  let before = 0;
  for (let n = 0; n < samples.length; n++) {
    const next = samples[n]! + turn * last - before;
    before = last;
    last = next;
  }
  return Math.sqrt(Math.max(last * last + before * before - turn * last * before, 0));
}

/** How much later the right ear hears a dry source than the left, µs, from both impulse responses. */
export function measuredItdUs(azimuthDeg: number): number {
  const [left, right] = play(impulse, 4, dryPose(azimuthDeg));
  return (arrivalOf(right) - arrivalOf(left)) * (1e6 / RATE);
}

/**
 * Delay of an impulse in samples, freed of the head shadow's own: with the pole taken off, what
 * is left is B0 δ(n − D) + B1 δ(n − D − 1), whose first moment is D (B0 + B1) + B1.
 */
function arrivalOf(response: Float32Array): number {
  const freed = response.map((y, n) => y + SHADOW_POLE * (response[n - 1] ?? 0));
  let moment = 0;
  let sum = 0;
  freed.forEach((value, n) => {
    moment += n * value;
    sum += value;
  });
  // |B0 + B1 e^(−iω)|² = (B0 + B1)² − 2 B0 B1 (1 − cos ω), at a frequency that interpolation keeps.
  const product = (sum * sum - levelAt(freed, 1000) ** 2) / (2 * (1 - Math.cos((2 * Math.PI * 1000) / RATE)));
  const b1 = (sum - Math.sqrt(Math.max(sum * sum - 4 * product, 0))) / 2;
  return (moment - b1) / sum;
}

/** Energy farther than `widthHz` from the carrier, against the whole, dB. */
export function spuriousDb(samples: Float32Array, carrierHz: number, widthHz: number): number {
  const size = samples.length;
  const windowed = samples.map((x, n) => x * windowAt(n / size));
  const all = windowed.reduce((sum, x) => sum + x * x, 0);
  const binHz = RATE / size;
  let near = 0;
  for (let k = Math.ceil((carrierHz - widthHz) / binHz); k * binHz <= carrierHz + widthHz; k++) {
    near += (2 * levelAt(windowed, k * binHz) ** 2) / size;
  }
  return 10 * Math.log10(Math.max(all - near, all * 1e-13) / all);
}

/**
 * Click meter: energy above 4 kHz from 2 ms before a sample to 2 ms after the longest fade that
 * may begin there, against the whole energy of that time, dB.
 */
export function clickDb(samples: Float32Array, at: number): number {
  const piece = samples.subarray(at - CLICK_REACH - HALF_TAPS, at + CLICK_REACH + JUMP_FRAMES + HALF_TAPS);
  let high = 0;
  let whole = 0;
  for (let n = HALF_TAPS; n < piece.length - HALF_TAPS; n++) {
    let filtered = 0;
    for (let tap = 0; tap < HIGH_PASS.length; tap++)
      filtered += HIGH_PASS[tap]! * piece[n + HALF_TAPS - tap]!;
    high += filtered * filtered;
    whole += piece[n]! ** 2;
  }
  return 10 * Math.log10(high / whole);
}

/** Linear-phase high-pass, a windowed sinc. */
const HIGH_PASS = Float64Array.from({ length: 2 * HALF_TAPS + 1 }, (_, i) => {
  const n = i - HALF_TAPS;
  const cut = CLICK_HZ / RATE;
  const low = n === 0 ? 2 * cut : Math.sin(2 * Math.PI * cut * n) / (Math.PI * n);
  return ((n === 0 ? 1 : 0) - low) * windowAt(i / (2 * HALF_TAPS));
});

/** Four-term Blackman–Harris window at a share of its length. */
function windowAt(share: number): number {
  return BLACKMAN_HARRIS.reduce((sum, a, i) => sum + a * Math.cos(2 * Math.PI * i * share), 0);
}
