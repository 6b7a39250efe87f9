import { describe, expect, it } from 'vitest';
import { FRAME_HEADER_BYTES, PLACED_BLOCK_BYTES } from '../../../contract/frame';
import { CHUNK_BLOCKS, NETWORK_DELAY_FRAMES } from './binaural-messages';
import { BLOCK_FRAMES } from './early-render';
import { PlacedVoice } from './placed-voice';
import { RESUME_BLOCKS } from './refined-player';
import { clickDb, dryPose, tone } from './testing/ear-measures';

const DELAY_BLOCKS = NETWORK_DELAY_FRAMES / BLOCK_FRAMES;
/** The transform's delay in blocks: answers hold blocks 3 earlier than their questions. */
const LATE_BLOCKS = 3;

type Answer = { readyBlock: number; run: number; block: number; samples: Float32Array };
type Setting = {
  /** Answers come so many blocks after the piece is full; null: never. */
  turnaround: (piece: number) => number | null;
  /** What the network makes of a sample of the render. */
  network?: (sample: number) => number;
  signal?: (n: number) => number;
  blocks?: number;
};

/** Plays a voice whose network answers as told; gives what is heard, the render, and the missed blocks. */
function perform({ turnaround, network = (x) => x, signal = tone(440), blocks = 400 }: Setting) {
  const answers: Answer[] = [];
  let now = 0;
  let pieces = 0;
  const rendered: Float32Array[] = [];
  const voice = new PlacedVoice(dryPose(40), (run, block, frame, message) => {
    expect(frame).toBe(block * BLOCK_FRAMES);
    const values = new Float32Array(message, FRAME_HEADER_BYTES);
    const stereo = new Float32Array(CHUNK_BLOCKS * 256);
    for (let i = 0; i < CHUNK_BLOCKS; i++) {
      const at = i * (PLACED_BLOCK_BYTES / 4);
      expect(Math.hypot(values[at]!, values[at + 1]!, values[at + 2]!)).toBeCloseTo(1, 5);
      stereo.set(values.subarray(at + 4, at + 260), i * 256);
    }
    rendered.push(stereo);
    const delay = turnaround(pieces++);
    const joined = joinOf(rendered);
    const first = Math.max(0, block - LATE_BLOCKS);
    const samples = joined.slice(first * 256, (block + CHUNK_BLOCKS - LATE_BLOCKS) * 256).map(network);
    if (delay !== null) answers.push({ readyBlock: now + 1 + delay, run, block: first, samples });
    voice.recycle(message);
  });
  voice.delay(0, NETWORK_DELAY_FRAMES);
  voice.startRun(1);
  const left = new Float32Array(blocks * BLOCK_FRAMES);
  const right = new Float32Array(blocks * BLOCK_FRAMES);
  const onNetwork: boolean[] = [];
  const mono = new Float32Array(BLOCK_FRAMES);
  for (; now < blocks; now++) {
    for (const answer of answers.filter(({ readyBlock }) => readyBlock === now)) {
      voice.refine(answer.run, answer.block, answer.samples);
    }
    for (let j = 0; j < BLOCK_FRAMES; j++) mono[j] = signal(now * BLOCK_FRAMES + j);
    const span = [now * BLOCK_FRAMES, (now + 1) * BLOCK_FRAMES] as const;
    voice.process(now * BLOCK_FRAMES, mono, left.subarray(...span), right.subarray(...span));
    onNetwork.push(voice.takeStats().networkShare > 0);
  }
  return { left, right, render: joinOf(rendered), onNetwork, stats: voice.takeStats() };
}

function joinOf(parts: Float32Array[]): Float32Array {
  const out = new Float32Array(parts.length * CHUNK_BLOCKS * 256);
  parts.forEach((part, i) => out.set(part, i * CHUNK_BLOCKS * 256));
  return out;
}

/** Largest difference of what is heard from the render, D earlier. */
function offBy(heard: Float32Array, render: Float32Array, ear: number, map = (x: number) => x): number {
  let largest = 0;
  for (
    let n = NETWORK_DELAY_FRAMES;
    n < heard.length && 2 * (n - NETWORK_DELAY_FRAMES) < render.length;
    n++
  ) {
    largest = Math.max(largest, Math.abs(heard[n]! - map(render[2 * (n - NETWORK_DELAY_FRAMES) + ear]!)));
  }
  return largest;
}

describe('a placed voice', { timeout: 30_000 }, () => {
  it('[B17] without the network it is the render, exactly D samples late', () => {
    const { left, right, render, stats } = perform({ turnaround: () => null });
    expect(left.subarray(0, NETWORK_DELAY_FRAMES).every((x) => x === 0)).toBe(true);
    expect(offBy(left, render, 0)).toBe(0);
    expect(offBy(right, render, 1)).toBe(0);
    expect(stats).toMatchObject({ networkShare: 0, delayFrames: NETWORK_DELAY_FRAMES });
    expect(stats.missed).toBe(400 - DELAY_BLOCKS);
  });

  it('[B17] a network in time is heard all the time, at the sample it belongs to', () => {
    const { left, right, render, onNetwork, stats } = perform({ turnaround: () => 10 });
    expect(onNetwork.slice(DELAY_BLOCKS).every(Boolean)).toBe(true);
    expect(stats.missed).toBe(0);
    expect(offBy(left, render, 0)).toBeLessThan(1e-6);
    expect(offBy(right, render, 1)).toBeLessThan(1e-6);
  });

  it('[B17] it leaves 29 blocks, 77 ms, for the way there and back', () => {
    expect(perform({ turnaround: () => 28 }).stats.missed).toBe(0);
    expect(perform({ turnaround: () => 30 }).stats.missed).toBeGreaterThan(0);
  });

  it('[B17] a late piece: the render within one block, the network again when it is in time', () => {
    const { left, render, onNetwork, stats } = perform({
      turnaround: (piece) => (piece === 6 ? 200 : 5),
      network: (x) => 0.5 * x,
    });
    const missing = 6 * CHUNK_BLOCKS - LATE_BLOCKS;
    const heardAt = (content: number) => content + DELAY_BLOCKS;
    expect(onNetwork[heardAt(missing - 2)]).toBe(true);
    expect(onNetwork[heardAt(missing)]).toBe(false);
    for (let content = missing; content < missing + CHUNK_BLOCKS; content++) {
      const from = heardAt(content) * BLOCK_FRAMES;
      for (let n = 0; n < BLOCK_FRAMES; n++) {
        expect(left[from + n]).toBe(render[2 * (content * BLOCK_FRAMES + n)]);
      }
    }
    expect(onNetwork[heardAt(missing + CHUNK_BLOCKS + RESUME_BLOCKS)]).toBe(true);
    expect(stats.missed).toBe(CHUNK_BLOCKS);
  });

  it('[B17] going over and back makes no click above −60 dB', () => {
    const { left, right, onNetwork } = perform({
      turnaround: (piece) => (piece % 3 === 2 ? null : 5),
      network: (x) => 0.7 * x,
      blocks: 600,
    });
    expect(new Set(onNetwork.slice(DELAY_BLOCKS)).size).toBe(2);
    for (const ear of [left, right]) {
      for (let block = DELAY_BLOCKS + 10; block < 590; block++) {
        expect(clickDb(ear, block * BLOCK_FRAMES)).toBeLessThan(-60);
      }
    }
  });

  it('[B17] pieces with values that are not numbers, or of an older run, are not played', () => {
    const broken = perform({ turnaround: () => 5, network: () => Number.NaN });
    expect(broken.stats.missed).toBe(400 - DELAY_BLOCKS);
    expect(offBy(broken.left, broken.render, 0)).toBe(0);
    const voice = new PlacedVoice(dryPose(0), () => undefined);
    voice.delay(0, NETWORK_DELAY_FRAMES);
    voice.startRun(1);
    voice.startRun(2);
    voice.refine(1, 0, new Float32Array(200 * 256).fill(0.5));
    const out = new Float32Array(BLOCK_FRAMES);
    for (let block = 0; block < 100; block++) {
      voice.process(block * BLOCK_FRAMES, new Float32Array(BLOCK_FRAMES), out, out);
      expect(out.every((x) => x === 0)).toBe(true);
    }
  });

  it('messages that nobody gives back do not pile up', () => {
    const messages: ArrayBuffer[] = [];
    const voice = new PlacedVoice(dryPose(0), (_run, _block, _frame, message) => void messages.push(message));
    voice.startRun(1);
    const out = new Float32Array(BLOCK_FRAMES);
    for (let block = 0; block < 40 * CHUNK_BLOCKS; block++) {
      voice.process(block * BLOCK_FRAMES, new Float32Array(BLOCK_FRAMES), out, out);
    }
    expect(messages).toHaveLength(8);
    voice.recycle(messages[0]!);
    for (let block = 0; block < CHUNK_BLOCKS; block++) {
      voice.process(block * BLOCK_FRAMES, new Float32Array(BLOCK_FRAMES), out, out);
    }
    expect(messages).toHaveLength(9);
  });
});
