import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  FRAME_HEADER_BYTES,
  FrameError,
  FrameFormat,
  FrameKind,
  decodeFrame,
  encodeFrame,
  type FrameHeader,
} from './frame';

const u32 = fc.integer({ min: 0, max: 0xffffffff });
const timeUs = fc.double({ min: 0, max: 2 ** 50, noNaN: true });
const header: fc.Arbitrary<FrameHeader> = fc.record({
  kind: fc.constantFrom(FrameKind.video, FrameKind.slate),
  format: fc.constant(FrameFormat.avc),
  width: fc.integer({ min: 0, max: 65_535 }),
  height: fc.integer({ min: 0, max: 65_535 }),
  streamId: u32,
  sequence: u32,
  epoch: u32,
  appliedVersion: u32,
  seed: u32,
  captureUs: timeUs,
  doneUs: timeUs,
  flags: u32,
  durationUs: timeUs,
});

describe('frames', () => {
  it('come back as they were sent, payload not copied', () => {
    fc.assert(
      fc.property(header, fc.uint8Array({ maxLength: 500 }), (sent, payload) => {
        const message = encodeFrame(sent, payload);
        const frame = decodeFrame(message);
        expect(frame.header).toEqual(sent);
        expect([...frame.payload]).toEqual([...payload]);
        expect(frame.payload.buffer).toBe(message);
      }),
    );
  });

  it('have the documented layout, little-endian', () => {
    const sent: FrameHeader = {
      kind: FrameKind.picture,
      format: FrameFormat.rgba8,
      width: 2,
      height: 1,
      streamId: 3,
      sequence: 4,
      epoch: 5,
      appliedVersion: 6,
      seed: 7,
      captureUs: 8,
      doneUs: 9,
      flags: 10,
      durationUs: 11,
    };
    const bytes = Buffer.from(encodeFrame(sent, new Uint8Array(8)));
    expect(bytes.subarray(0, 4).toString('latin1')).toBe('FSCP');
    expect(bytes.readUInt32LE(24)).toBe(6);
    expect(bytes.readDoubleLE(40)).toBe(9);
    expect(bytes.readUInt32LE(52)).toBe(8);
    expect(bytes.length).toBe(FRAME_HEADER_BYTES + 8);
  });

  it('with a changed byte in the header decode or are refused by a FrameError, nothing else', () => {
    fc.assert(
      fc.property(header, fc.nat(63), fc.nat(255), (sent, at, value) => {
        const bytes = new Uint8Array(encodeFrame(sent, new Uint8Array(16)));
        bytes[at] = value;
        try {
          decodeFrame(bytes);
        } catch (error) {
          expect(error).toBeInstanceOf(FrameError);
        }
      }),
      { numRuns: 10_000 },
    );
  });

  it.each([
    ['picture', 'rgba8'],
    ['video', 'avc'],
    ['pcm', 'f32'],
    ['slate', 'avc'],
  ] as const)('of kind %s are %s and nothing else', (kind, format) => {
    const sent: FrameHeader = { ...fc.sample(header, { numRuns: 1, seed: 1 })[0]!, width: 2, height: 2 };
    for (const name of ['rgba8', 'avc', 'f32'] as const) {
      const message = encodeFrame(
        { ...sent, kind: FrameKind[kind], format: FrameFormat[name] },
        new Uint8Array(16),
      );
      if (name === format) expect(decodeFrame(message).header.kind).toBe(FrameKind[kind]);
      else expect(() => decodeFrame(message)).toThrow(FrameError);
    }
  });

  it('are refused when a picture does not have the bytes its size needs', () => {
    const sent: FrameHeader = {
      kind: FrameKind.picture,
      format: FrameFormat.rgba8,
      width: 4,
      height: 4,
      streamId: 0,
      sequence: 0,
      epoch: 0,
      appliedVersion: 0,
      seed: 0,
      captureUs: 0,
      doneUs: 0,
      flags: 0,
      durationUs: 0,
    };
    expect(() => decodeFrame(encodeFrame(sent, new Uint8Array(63)))).toThrow(/4×4 RGBA picture has 64/);
  });

  it('gives of a pooled Buffer a payload whose copy is the payload and nothing else', () => {
    const payload = Uint8Array.of(1, 2, 3, 4);
    const [sent] = fc.sample(header, 1) as [FrameHeader];
    const whole = new Uint8Array(encodeFrame(sent, payload));
    const pool = Buffer.alloc(whole.length + 40, 7);
    pool.set(whole, 24);
    const copy = decodeFrame(pool.subarray(24, 24 + whole.length)).payload.slice();
    expect(copy.buffer.byteLength).toBe(payload.length);
    expect([...copy]).toEqual([...payload]);
  });
});
