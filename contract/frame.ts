/**
 * The binary message: a fixed 64-byte little-endian header, then the payload.
 *
 * | offset | type | field |
 * |---|---|---|
 * | 0 | u32 | magic `FSCP` |
 * | 4 | u8 | header version (1) |
 * | 5 | u8 | kind |
 * | 6 | u16 | format |
 * | 8 | u16 | width in pixels (PCM: channels) |
 * | 10 | u16 | height in pixels (PCM: 0) |
 * | 12 | u32 | stream id (layer or track) |
 * | 16 | u32 | sequence |
 * | 20 | u32 | epoch |
 * | 24 | u32 | applied control version |
 * | 28 | u32 | seed |
 * | 32 | f64 | capture time, programme µs |
 * | 40 | f64 | done time, programme µs |
 * | 48 | u32 | flags |
 * | 52 | u32 | payload bytes |
 * | 56 | f64 | duration, µs |
 */
export const FRAME_HEADER_BYTES = 64;
const MAGIC = 0x50435346; // "FSCP" read as little-endian u32
const HEADER_VERSION = 1;

/** What a binary message carries. */
export const FrameKind = {
  /** A raw picture on its way to or from an engine. */
  picture: 1,
  /** One encoded video packet of the programme. */
  video: 2,
  /** Sound, f32 at 48 kHz; capture time is that of its first sample. */
  pcm: 3,
  /** One encoded video packet of the slate. */
  slate: 4,
} as const;
export type FrameKind = (typeof FrameKind)[keyof typeof FrameKind];

/** How the payload is laid out. */
export const FrameFormat = {
  /** 8-bit RGBA, rows top to bottom, no padding: width × height × 4 bytes. */
  rgba8: 1,
  /** H.264 access unit, length-prefixed (`avc`). */
  avc: 2,
  /** Interleaved 32-bit float samples. */
  f32: 3,
  /**
   * A placed voice on its way to the binaural engine. For each block of 128 samples: the pose at
   * its end (unit vector to the source: front, left, up; then distance in metres), 4 × f32, and
   * the parametric render, 128 × 2 × f32 interleaved. Width is 2.
   */
  placed: 4,
} as const;
export type FrameFormat = (typeof FrameFormat)[keyof typeof FrameFormat];

/** Bit flags of a frame. */
export const FrameFlag = {
  /** An encoded packet that can be decoded on its own. */
  key: 1,
  /** An engine result that repeats an earlier one (nothing new was computed). */
  repeated: 2,
  /**
   * An engine's answer to a picture it left out because of a cut: 1×1 pixel, epoch 0 and thus
   * never shown. It tells the sender, by stream and capture time, not to wait any longer.
   */
  skipped: 4,
  /** Beside `skipped`: it was left out because it is nearly the one before, whose result holds. */
  alike: 8,
} as const;

/** Every header field; times in programme microseconds. */
export type FrameHeader = {
  kind: FrameKind;
  format: FrameFormat;
  width: number;
  height: number;
  streamId: number;
  sequence: number;
  epoch: number;
  appliedVersion: number;
  seed: number;
  captureUs: number;
  doneUs: number;
  flags: number;
  durationUs: number;
};

export type Frame = { header: FrameHeader; payload: Uint8Array<ArrayBuffer> };

/** The longest payload that is accepted: one 8K RGBA picture. */
export const MAX_PAYLOAD_BYTES = 7680 * 4320 * 4;

const KINDS = new Set<number>(Object.values(FrameKind));
const FORMATS = new Set<number>(Object.values(FrameFormat));
/** The layouts each kind may have. */
const FORMATS_OF: Readonly<Record<FrameKind, readonly FrameFormat[]>> = {
  [FrameKind.picture]: [FrameFormat.rgba8],
  [FrameKind.video]: [FrameFormat.avc],
  [FrameKind.pcm]: [FrameFormat.f32, FrameFormat.placed],
  [FrameKind.slate]: [FrameFormat.avc],
};
/** Bytes of one block of `FrameFormat.placed`: a pose of 4 and 128 stereo samples. */
export const PLACED_BLOCK_BYTES = 4 * (4 + 2 * 128);

/** Writes a header into the first 64 bytes of `target`. */
export function writeFrameHeader(target: ArrayBuffer, header: FrameHeader, payloadBytes: number): void {
  const view = new DataView(target, 0, FRAME_HEADER_BYTES);
  view.setUint32(0, MAGIC, true);
  view.setUint8(4, HEADER_VERSION);
  view.setUint8(5, header.kind);
  view.setUint16(6, header.format, true);
  view.setUint16(8, header.width, true);
  view.setUint16(10, header.height, true);
  view.setUint32(12, header.streamId, true);
  view.setUint32(16, header.sequence, true);
  view.setUint32(20, header.epoch, true);
  view.setUint32(24, header.appliedVersion, true);
  view.setUint32(28, header.seed, true);
  view.setFloat64(32, header.captureUs, true);
  view.setFloat64(40, header.doneUs, true);
  view.setUint32(48, header.flags, true);
  view.setUint32(52, payloadBytes, true);
  view.setFloat64(56, header.durationUs, true);
}

/** One message ready for a socket: header and payload in a new buffer (one copy of the payload). */
export function encodeFrame(header: FrameHeader, payload: Uint8Array): ArrayBuffer {
  const message = new ArrayBuffer(FRAME_HEADER_BYTES + payload.byteLength);
  writeFrameHeader(message, header, payload.byteLength);
  new Uint8Array(message, FRAME_HEADER_BYTES).set(payload);
  return message;
}

/** Why a binary message was refused. */
export class FrameError extends Error {
  override name = 'FrameError';
}

/**
 * Reads a message without copying: the payload is a view into `message`.
 * @throws FrameError when the header or the payload does not hold what it promises.
 */
export function decodeFrame(message: ArrayBuffer | Uint8Array<ArrayBuffer>): Frame {
  // A plain view also of Node's Buffer, whose `slice` would not copy but show all of its pool.
  const bytes =
    message instanceof Uint8Array
      ? new Uint8Array(message.buffer, message.byteOffset, message.byteLength)
      : new Uint8Array(message);
  if (bytes.byteLength < FRAME_HEADER_BYTES) {
    throw new FrameError(`A frame needs ${FRAME_HEADER_BYTES} header bytes, got ${bytes.byteLength}.`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, FRAME_HEADER_BYTES);
  if (view.getUint32(0, true) !== MAGIC) throw new FrameError('A frame must begin with "FSCP".');
  const version = view.getUint8(4);
  if (version !== HEADER_VERSION) throw new FrameError(`Frame version ${version} is not ${HEADER_VERSION}.`);
  const kind = view.getUint8(5);
  const format = view.getUint16(6, true);
  if (!KINDS.has(kind)) throw new FrameError(`Frame kind ${kind} is unknown.`);
  if (!FORMATS.has(format)) throw new FrameError(`Frame format ${format} is unknown.`);
  const payloadBytes = view.getUint32(52, true);
  const present = bytes.byteLength - FRAME_HEADER_BYTES;
  if (payloadBytes !== present) {
    throw new FrameError(`A frame promised ${payloadBytes} payload bytes and brought ${present}.`);
  }
  if (payloadBytes > MAX_PAYLOAD_BYTES)
    throw new FrameError(`A payload of ${payloadBytes} bytes is too large.`);
  const header: FrameHeader = {
    kind: kind as FrameKind,
    format: format as FrameFormat,
    width: view.getUint16(8, true),
    height: view.getUint16(10, true),
    streamId: view.getUint32(12, true),
    sequence: view.getUint32(16, true),
    epoch: view.getUint32(20, true),
    appliedVersion: view.getUint32(24, true),
    seed: view.getUint32(28, true),
    captureUs: view.getFloat64(32, true),
    doneUs: view.getFloat64(40, true),
    flags: view.getUint32(48, true),
    durationUs: view.getFloat64(56, true),
  };
  checkHeader(header, payloadBytes);
  return { header, payload: bytes.subarray(FRAME_HEADER_BYTES) };
}

function checkHeader(header: FrameHeader, payloadBytes: number): void {
  const formats = FORMATS_OF[header.kind];
  if (!formats.includes(header.format)) {
    throw new FrameError(
      `A frame of kind ${header.kind} must have format ${formats.join(' or ')}, got ${header.format}.`,
    );
  }
  if (
    header.format === FrameFormat.placed &&
    (header.width !== 2 || payloadBytes % PLACED_BLOCK_BYTES !== 0)
  ) {
    throw new FrameError(
      `A placed voice must be stereo in blocks of ${PLACED_BLOCK_BYTES} bytes, got width ${header.width} and ${payloadBytes} bytes.`,
    );
  }
  for (const field of ['captureUs', 'doneUs', 'durationUs'] as const) {
    const value = header[field];
    if (!Number.isFinite(value) || value < 0 || value > Number.MAX_SAFE_INTEGER) {
      throw new FrameError(`Frame ${field} must be a finite time of at least 0, got ${value}.`);
    }
  }
  if (header.format === FrameFormat.rgba8) {
    const expected = header.width * header.height * 4;
    if (payloadBytes !== expected || expected === 0) {
      throw new FrameError(
        `A ${header.width}×${header.height} RGBA picture has ${expected} bytes, got ${payloadBytes}.`,
      );
    }
  }
  if (header.format === FrameFormat.f32 && (header.width === 0 || payloadBytes % (4 * header.width) !== 0)) {
    throw new FrameError(`PCM of ${header.width} channels cannot have ${payloadBytes} bytes.`);
  }
}
