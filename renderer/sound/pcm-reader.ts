import { Resampler } from './resampler';

/** A decoded stretch of sound: planar samples and the media time of the first, in seconds. */
export type DecodedSound = { timestampS: number; channels: Float32Array[] };

/** Decodes from a media time on, in order. */
export type DecodeFrom = (timestampS: number) => AsyncGenerator<DecodedSound, void, unknown>;

type Chunk = { start: number; end: number; channels: Float32Array[] };

/** Decoders of overlapping transforms need a run-up before their output is right. */
const PREROLL_S = 0.1;
/** A forward jump shorter than this is decoded through rather than sought. */
const SKIP_S = 1;
/** Containers that round times to 1 ms must not tear continuous sound apart. */
const CONTIGUOUS_S = 0.002;

/**
 * Random access to a sound track as 48 kHz samples, made of a decoder that only runs
 * forwards. Samples outside the track are silence. Calls must not overlap.
 */
export class PcmReader {
  readonly #decodeFrom: DecodeFrom;
  readonly #rate: number;
  readonly #channels: number;
  readonly #resampler: Resampler;
  #run: AsyncGenerator<DecodedSound, void, unknown> | null = null;
  #chunks: Chunk[] = [];
  /** Reads from here on need no new run; `#end` is where decoding stands. Both in input samples. */
  #coveredFrom = 0;
  #end = 0;
  #finished = false;

  constructor(decodeFrom: DecodeFrom, sampleRate: number, channels: number) {
    this.#decodeFrom = decodeFrom;
    this.#rate = sampleRate;
    this.#channels = channels;
    this.#resampler = new Resampler(sampleRate);
  }

  /** Planar samples `[frame, frame + frames)` at 48 kHz; rejects when decoding fails. */
  async read(frame: number, frames: number): Promise<Float32Array<ArrayBuffer>[]> {
    const { from, to } = this.#resampler.inputRange(frame, frames);
    await this.#decodeUpTo(from, to);
    const planes: Float32Array<ArrayBuffer>[] = [];
    for (let channel = 0; channel < this.#channels; channel++) {
      planes.push(this.#resampler.render(this.#gather(channel, from, to), frame, frames));
    }
    return planes;
  }

  /** Ends the decoder. */
  async dispose(): Promise<void> {
    const run = this.#run;
    this.#run = null;
    this.#chunks = [];
    await run?.return();
  }

  async #decodeUpTo(from: number, to: number): Promise<void> {
    const behind = Math.max(0, from) < this.#coveredFrom;
    const ahead = !this.#finished && from > this.#end + SKIP_S * this.#rate;
    if (!this.#run || behind || ahead) await this.#restart(from);
    while (this.#end < to && !this.#finished) {
      const next = await this.#run!.next();
      if (next.done) this.#finished = true;
      else this.#append(next.value);
    }
    while (this.#chunks.length > 1 && this.#chunks[0]!.end <= from) {
      this.#coveredFrom = Math.max(this.#coveredFrom, this.#chunks.shift()!.end);
    }
  }

  async #restart(from: number): Promise<void> {
    await this.dispose();
    this.#finished = false;
    this.#coveredFrom = Math.max(0, from);
    const startS = Math.max(0, from / this.#rate - PREROLL_S);
    this.#run = this.#decodeFrom(startS);
    this.#end = Math.round(startS * this.#rate);
  }

  #append({ timestampS, channels }: DecodedSound): void {
    const length = channels[0]?.length ?? 0;
    const stamped = Math.round(timestampS * this.#rate);
    const follows = this.#chunks.length > 0 && Math.abs(stamped - this.#end) <= CONTIGUOUS_S * this.#rate;
    const start = follows ? this.#end : stamped;
    this.#chunks.push({ start, end: start + length, channels });
    this.#end = start + length;
  }

  #gather(channel: number, from: number, to: number): Float32Array<ArrayBuffer> {
    const samples = new Float32Array(to - from);
    for (const chunk of this.#chunks) {
      const begin = Math.max(from, chunk.start);
      const end = Math.min(to, chunk.end);
      const plane = chunk.channels[Math.min(channel, chunk.channels.length - 1)];
      if (!plane || end <= begin) continue;
      samples.set(plane.subarray(begin - chunk.start, end - chunk.start), begin - from);
    }
    return samples;
  }
}
