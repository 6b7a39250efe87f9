import { StudioError } from '../../contract/errors';
import {
  FRAME_HEADER_BYTES,
  FrameFlag,
  FrameFormat,
  FrameKind,
  writeFrameHeader,
  type FrameHeader,
} from '../../contract/frame';
import { findEncoderConfig, type EncoderFormat } from './codec';
import { signalFrame } from './signal';
import { SpreadWindow } from './spread';
import { tickUs } from './ticker';

/** A key frame at least every 2 s. */
const KEY_TICKS = 60;
/** Frames the encoder may have waiting; one more is skipped. */
const MAX_QUEUE = 2;
/** How long to wait before an encoder that failed is made anew: first, and at most. */
const RETRY_MS = 100;
const MAX_RETRY_MS = 5000;
/** An encoder that ran this long is sound again. */
const SOUND_TICKS = 300;

/** How decoders are to be set up for the packets that follow. */
export type EncoderDescription = { codec: string; description: Uint8Array; format: EncoderFormat };

/** What the encoder gives away. */
export type EncoderOutput = {
  /** Before the first packet, and whenever the description is new. */
  described: (description: EncoderDescription) => void;
  /** A packet as a whole binary message, its header written. */
  packet: (message: ArrayBuffer) => void;
  /** `encoder.lost` or `encoder.missing`. */
  failed: (error: StudioError) => void;
};

/**
 * The programme's H.264 encoder. It skips a frame rather than let a queue grow, is made anew
 * when it fails, and begins with a key frame each time.
 */
export class ProgrammeEncoder {
  readonly #output: EncoderOutput;
  readonly #encodeMs = new SpreadWindow(150);
  readonly #startedMs = new Map<number, number>();
  #format: EncoderFormat | null = null;
  #encoder: VideoEncoder | null = null;
  #config: VideoEncoderConfig | null = null;
  /** Last description the encoder gave. */
  #known: EncoderDescription | null = null;
  /** Description that was given away; null makes the next packet give it again. */
  #description: Uint8Array | null = null;
  #sequence = 0;
  #skipped = 0;
  #lastKeyTick: number | null = null;
  #failures = 0;
  #ticksSinceStart = 0;
  /** Rises with each new encoder, so that late answers of an old one are not taken for the new. */
  #generation = 0;
  #retry: ReturnType<typeof setTimeout> | null = null;

  constructor(output: EncoderOutput) {
    this.#output = output;
  }

  /** Configuration in use; null while there is none. */
  get config(): VideoEncoderConfig | null {
    return this.#config;
  }

  get queue(): number {
    return this.#encoder?.encodeQueueSize ?? 0;
  }

  /** Frames that were left out because the encoder had too many waiting. */
  get skipped(): number {
    return this.#skipped;
  }

  /** Milliseconds from frame in to packet out. */
  get encodeMs(): SpreadWindow {
    return this.#encodeMs;
  }

  /** Sets size and bit rate; an encoder with another configuration is replaced. */
  async configure(format: EncoderFormat): Promise<void> {
    if (JSON.stringify(format) === JSON.stringify(this.#format)) return;
    this.#format = { ...format };
    await this.#start();
  }

  /** The next frame becomes a key frame. */
  requestKey(): void {
    this.#lastKeyTick = null;
  }

  /** Somebody new listens: begins with a key frame and gives the description again. */
  reintroduce(): void {
    this.#lastKeyTick = null;
    this.#description = null;
  }

  /** Encodes what the canvas holds as the picture of tick `tick`; counts a skip when it must not wait. */
  async encode(canvas: OffscreenCanvas, tick: number): Promise<void> {
    const encoder = this.#encoder;
    const generation = this.#generation;
    const format = this.#format;
    if (encoder?.state !== 'configured' || format === null) return;
    if (canvas.width !== format.width || canvas.height !== format.height) return;
    if (encoder.encodeQueueSize > MAX_QUEUE) {
      this.#skipped += 1;
      return;
    }
    const startedMs = performance.now();
    const timestamp = tickUs(tick);
    const frame = await signalFrame(canvas, { timestamp, duration: tickUs(tick + 1) - timestamp });
    try {
      if (generation !== this.#generation || encoder.state !== 'configured') return;
      const last = this.#lastKeyTick;
      const keyFrame = last === null || tick - last >= KEY_TICKS || tick < last;
      this.#startedMs.set(timestamp, startedMs);
      encoder.encode(frame, { keyFrame });
      if (keyFrame) this.#lastKeyTick = tick;
    } catch (error) {
      this.#lost(error, generation);
    } finally {
      frame.close();
    }
    this.#ticksSinceStart += 1;
    if (this.#ticksSinceStart === SOUND_TICKS) this.#failures = 0;
  }

  dispose(): void {
    this.#stop();
    this.#format = null;
  }

  async #start(): Promise<void> {
    this.#stop();
    const generation = this.#generation;
    const format = this.#format;
    if (format === null) return;
    const config = await findEncoderConfig(format);
    if (generation !== this.#generation) return;
    if (config === null) {
      this.#output.failed(
        new StudioError(
          'stage',
          'encoder.missing',
          `The programme needs an H.264 encoder for ${format.width}×${format.height} at ${format.videoBitrateKbps} kbit/s, found none.`,
        ),
      );
      return;
    }
    const encoder = new VideoEncoder({
      output: (chunk, metadata) => this.#packet(chunk, metadata, generation),
      error: (error) => this.#lost(error, generation),
    });
    this.#encoder = encoder;
    this.#config = config;
    try {
      encoder.configure(config);
    } catch (error) {
      this.#lost(error, generation);
    }
  }

  #stop(): void {
    this.#generation += 1;
    if (this.#retry !== null) clearTimeout(this.#retry);
    this.#retry = null;
    if (this.#encoder !== null && this.#encoder.state !== 'closed') this.#encoder.close();
    this.#encoder = null;
    this.#config = null;
    this.#known = null;
    this.#description = null;
    this.#lastKeyTick = null;
    this.#ticksSinceStart = 0;
    this.#startedMs.clear();
  }

  #lost(error: unknown, generation: number): void {
    if (generation !== this.#generation) return;
    this.#stop();
    this.#output.failed(
      new StudioError(
        'stage',
        'encoder.lost',
        'The video encoder must keep running; it failed and is made anew.',
        {
          cause: error,
        },
      ),
    );
    const waitMs = Math.min(RETRY_MS * 2 ** this.#failures, MAX_RETRY_MS);
    this.#failures += 1;
    this.#retry = setTimeout(() => void this.#start(), waitMs);
  }

  #packet(
    chunk: EncodedVideoChunk,
    metadata: EncodedVideoChunkMetadata | undefined,
    generation: number,
  ): void {
    if (generation !== this.#generation || this.#format === null) return;
    const startedMs = this.#startedMs.get(chunk.timestamp);
    this.#startedMs.delete(chunk.timestamp);
    if (startedMs !== undefined) this.#encodeMs.add(performance.now() - startedMs);
    this.#describe(metadata);
    // Copied once, to where the socket takes it from.
    const message = new ArrayBuffer(FRAME_HEADER_BYTES + chunk.byteLength);
    chunk.copyTo(new Uint8Array(message, FRAME_HEADER_BYTES));
    const header = videoHeader(FrameKind.video, chunk, this.#format, this.#sequence);
    writeFrameHeader(message, header, chunk.byteLength);
    this.#output.packet(message);
    this.#sequence += 1;
  }

  #describe(metadata: EncodedVideoChunkMetadata | undefined): void {
    const given = metadata?.decoderConfig;
    if (given?.description === undefined || this.#format === null) {
      if (this.#description === null && this.#known !== null) this.#announce(this.#known);
      return;
    }
    const description = bytesOf(given.description);
    if (this.#description !== null && equalBytes(description, this.#description)) return;
    this.#known = { codec: given.codec, description, format: this.#format };
    this.#announce(this.#known);
  }

  #announce(known: EncoderDescription): void {
    this.#description = known.description;
    this.#output.described(known);
  }
}

/** The frame header of an encoded picture. */
export function videoHeader(
  kind: FrameKind,
  chunk: EncodedVideoChunk,
  format: EncoderFormat,
  sequence: number,
): FrameHeader {
  return {
    kind,
    format: FrameFormat.avc,
    width: format.width,
    height: format.height,
    streamId: 0,
    sequence: sequence >>> 0,
    epoch: 0,
    appliedVersion: 0,
    seed: 0,
    captureUs: Math.max(0, chunk.timestamp),
    doneUs: 0,
    flags: chunk.type === 'key' ? FrameFlag.key : 0,
    durationUs: chunk.duration ?? 1e6 / format.fps,
  };
}

/** A copy of the bytes of a buffer or view. */
export function bytesOf(source: AllowSharedBufferSource): Uint8Array {
  const view = ArrayBuffer.isView(source)
    ? new Uint8Array(source.buffer, source.byteOffset, source.byteLength)
    : new Uint8Array(source);
  return view.slice();
}

/** Whether two byte strings are the same. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, index) => byte === b[index]);
}
