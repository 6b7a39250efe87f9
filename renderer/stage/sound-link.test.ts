import { describe, expect, it } from 'vitest';
import { FrameKind, type FrameHeader } from '../../contract/frame';
import type { FromStage } from '../../contract/stage';
import { SoundLink } from './sound-link';

/** A link whose blocks are mixed on the line `zeroUs + n / 48 kHz` and arrive 2 ms later. */
function fixture() {
  const state = { nowUs: 0, onAir: true };
  const messages: FromStage[] = [];
  const headers: FrameHeader[] = [];
  const anchors: number[] = [];
  const link = new SoundLink({
    nowUs: () => state.nowUs,
    onAir: () => state.onAir,
    send: (message) => messages.push(message),
    sendFrame: (header) => headers.push(header),
    anchored: (anchorUs) => anchors.push(anchorUs),
  });
  const recycled: unknown[] = [];
  const port = {
    onmessage: null as ((event: { data: unknown }) => void) | null,
    postMessage: (message: unknown) => void recycled.push(message),
    close: () => undefined,
  };
  link.connect(port as unknown as MessagePort);
  const post = (data: unknown) => port.onmessage?.({ data });
  const blocks = (from: number, count: number, zeroUs: number, delayFrames?: number) => {
    for (let index = 0; index < count; index += 1) {
      const frame = from + index * 480;
      state.nowUs = zeroUs + ((frame + 480) * 1e6) / 48_000 + 2000;
      post({ type: 'pcm', frame, samples: new Float32Array(960), delayFrames });
    }
  };
  return { state, messages, headers, anchors, recycled, link, post, blocks };
}

describe('sound link', () => {
  it('stamps blocks evenly from the anchor on', () => {
    const { blocks, headers, anchors, link } = fixture();
    blocks(0, 124, 5e6);
    expect(anchors).toEqual([5_002_000]);
    expect(headers).toHaveLength(100);
    expect(headers[0]).toMatchObject({ kind: FrameKind.pcm, width: 2, captureUs: 5_002_000 + 24 * 10_000 });
    expect(headers.at(-1)!.captureUs).toBeCloseTo(5_002_000 + 123 * 10_000, 3);
    expect(link.frames).toBe(48_000);
  });

  it('[B18] stamps sound that is late with the time of the picture it belongs to', () => {
    const { blocks, headers, anchors, messages } = fixture();
    blocks(0, 124, 5e6, 0);
    blocks(124 * 480, 76, 5e6, 6144);
    expect(anchors).toEqual([5_002_000]);
    expect(headers.at(99)!.captureUs).toBeCloseTo(5_002_000 + 123 * 10_000, 3);
    expect(headers.at(100)!.captureUs).toBeCloseTo(5_002_000 + 124 * 10_000 - 128_000, 3);
    expect(headers.at(-1)!.captureUs).toBeCloseTo(5_002_000 + 199 * 10_000 - 128_000, 3);
    // The sound clock itself is not late.
    const clock = messages.findLast(({ type }) => type === 'sound-clock') as {
      frame: number;
      programmeUs: number;
    };
    expect(clock.programmeUs).toBeCloseTo(5_002_000 + (clock.frame * 1e6) / 48_000, 3);
  });

  it('sends no sound off air, but tells the sound clock once a second', () => {
    const { blocks, headers, messages, state } = fixture();
    state.onAir = false;
    blocks(0, 325, 5e6);
    expect(headers).toHaveLength(0);
    expect(messages.map(({ type }) => type)).toEqual([
      'sound-clock',
      'sound-clock',
      'sound-clock',
      'sound-clock',
    ]);
  });

  it('gives every block back to the worklet that sent it', () => {
    const { blocks, recycled } = fixture();
    blocks(0, 30, 5e6);
    expect(recycled).toHaveLength(30);
    expect(recycled[0]).toMatchObject({ type: 'recycle' });
  });

  it('counts a jump and gives the new anchor', () => {
    const { blocks, anchors, link } = fixture();
    blocks(0, 100, 5e6);
    blocks(100 * 480, 100, 7e6);
    expect(anchors).toEqual([5_002_000, 7_002_000]);
    expect(link.jumps).toBe(1);
  });

  it('gives peaks in dBFS, the greatest since the last time, and forgets them', () => {
    const { post, link } = fixture();
    post({ type: 'levels', peaks: { mix: 0.5, mic: 0 } });
    post({ type: 'levels', peaks: { mix: 1, mic: 0 } });
    post({ type: 'levels', peaks: { mix: 0.25, mic: Number.NaN } });
    expect(link.takeLevelsDb()).toEqual({ mix: 0, mic: -120 });
    expect(link.takeLevelsDb()).toEqual({});
  });

  it('ignores blocks that are none', () => {
    const { post, headers, state } = fixture();
    state.nowUs = 1e6;
    post({ type: 'pcm', frame: 0, samples: new Float32Array(3) });
    post({ type: 'pcm', frame: -480, samples: new Float32Array(960) });
    post({ type: 'pcm', frame: Number.NaN, samples: new Float32Array(960) });
    post({ type: 'pcm', frame: 0, samples: new Float32Array(0) });
    expect(headers).toHaveLength(0);
  });
});
