import { StudioError } from '../../../../contract/errors';
import { estimateClean, noiseTo, outputFor } from './estimate';
import type { Level, Prediction } from './levels';

/**
 * Where the output that guidance leads away from comes from [S6]: nowhere, the negative prompt at
 * every level, the frame's own source, or the negative prompt at the first level.
 */
export type GuidanceMode = 'none' | 'full' | 'self' | 'onetime';
export type Guidance = {
  mode: GuidanceMode;
  /** γ: 1 leads nowhere. */
  scale: number;
  /** δ: how much of the virtual noise counts; not for `full`. */
  delta: number;
};

/** How one frame goes through its levels; settled when it enters [S4]. */
export type Plan = {
  levels: readonly Level[];
  guidance: Guidance;
  /** Whether noise is put back between levels, or the estimate is only scaled to the next one [S3]. */
  renoise: boolean;
  /** Whether a frame starts from its noised source, or from noise alone. */
  start: 'source' | 'noise';
};

/** A frame on its way in; `tag` is the caller's own. */
export type Entering<T> = {
  tag: T;
  plan: Plan;
  /** Clean latent of the source; kept until the frame is out, not changed. */
  source: Float32Array;
  /** The noise of each level of the plan, as long as `source`; kept, not changed. */
  noises: readonly Float32Array[];
};

/** One row of a run: a frame at its level, heard with its prompt or with its negative prompt. */
export type Row<T> = { tag: T; sample: Float32Array; level: Level; negative: boolean };

/** Runs the network on rows; answers with one output a row, of use until the next run. */
export type RunRows<T> = (rows: readonly Row<T>[]) => Promise<readonly Float32Array[]>;

type InFlight<T> = Entering<T> & {
  at: number;
  sample: Float32Array;
  /** The clean latent that virtual noise is reckoned from; null before the first level of `onetime`. */
  reference: Float32Array | null;
};

/** A buffer of each size is kept for as many frames as ever were under way at once. */
type Pool = Map<number, Float32Array[]>;

/**
 * The stream batch (StreamDiffusion §3.1): frames at different noise levels go through the network
 * in one run, each one level further than before; a frame that enters has the noisiest. A frame's
 * plan is its own, so that settings can change while others are under way, and what comes out
 * equals the loop over its levels alone [S3]–[S5].
 */
export class StreamBatch<T> {
  readonly #prediction: Prediction;
  readonly #run: RunRows<T>;
  readonly #pool: Pool = new Map();
  /** Newest first, as their levels are. */
  #frames: InFlight<T>[] = [];
  #evaluations = 0;

  constructor(prediction: Prediction, run: RunRows<T>) {
    this.#prediction = prediction;
    this.#run = run;
  }

  /** Frames under way. */
  get size(): number {
    return this.#frames.length;
  }

  /** Rows that went through the network, since construction. */
  get evaluations(): number {
    return this.#evaluations;
  }

  /**
   * Takes a frame; it moves with the next step.
   * @throws StudioError `argument.invalid` when its noises do not fit, or it has no source to be guided by.
   */
  enter(entering: Entering<T>): void {
    const { plan, source, noises } = entering;
    const { levels, guidance, start } = plan;
    if (
      levels.length === 0 ||
      noises.length < levels.length ||
      noises.some((n) => n.length !== source.length)
    ) {
      const message = `A frame must have a noise of ${source.length} numbers for each of its ${levels.length} levels, has ${noises.length}.`;
      throw new StudioError('engine', 'argument.invalid', message);
    }
    if (start === 'noise' && guidance.mode === 'self') {
      const message =
        'Self-negative guidance needs a source picture; choose another guidance for pictures from noise.';
      throw new StudioError('engine', 'argument.invalid', message);
    }
    const sample = this.#take(source.length);
    if (start === 'noise') sample.set(noises[0]!);
    else noiseTo(levels[0]!, source, noises[0]!, sample);
    const reference = guidance.mode === 'self' ? source : null;
    this.#frames.unshift({ ...entering, at: 0, sample, reference });
  }

  /**
   * Moves every frame one level on, in one run.
   * @returns the frames that are clean, in the order in which they entered; `clean` may be given back
   * by `recycle`.
   * @throws what the run throws; then no frame is under way any more.
   */
  async step(): Promise<{ tag: T; clean: Float32Array }[]> {
    // Frames may enter and be dropped while the network runs.
    const frames = [...this.#frames];
    if (frames.length === 0) return [];
    const rows: Row<T>[] = frames.map(({ tag, sample, plan, at }) =>
      row(tag, sample, plan.levels[at]!, false),
    );
    const negatives = new Map<InFlight<T>, number>();
    for (const frame of frames) {
      const { mode } = frame.plan.guidance;
      if (mode !== 'full' && (mode !== 'onetime' || frame.at > 0)) continue;
      negatives.set(frame, rows.length);
      rows.push(row(frame.tag, frame.sample, frame.plan.levels[frame.at]!, true));
    }
    let outputs: readonly Float32Array[];
    try {
      outputs = await this.#run(rows);
    } catch (error) {
      this.clear();
      throw error;
    }
    this.#evaluations += rows.length;
    const done: { tag: T; clean: Float32Array }[] = [];
    for (const [i, frame] of frames.entries()) {
      // What was dropped while the network ran is not gone on with.
      if (!this.#frames.includes(frame)) continue;
      const negative = negatives.get(frame);
      const clean = this.#advance(frame, outputs[i]!, negative === undefined ? null : outputs[negative]!);
      if (clean) done.unshift({ tag: frame.tag, clean });
    }
    this.#frames = this.#frames.filter((frame) => frame.at < frame.plan.levels.length);
    return done;
  }

  /** Drops the frames that `matches` picks; a run under way goes on without them. */
  drop(matches: (tag: T) => boolean): T[] {
    const dropped = this.#frames.filter(({ tag }) => matches(tag));
    this.#frames = this.#frames.filter((frame) => !dropped.includes(frame));
    return dropped.map(({ tag }) => tag);
  }

  /** Takes the memory of a clean latent back for later frames. */
  recycle(clean: Float32Array): void {
    this.#give(clean);
  }

  /** Drops every frame. */
  clear(): void {
    this.#frames = [];
  }

  /** One frame's level is done; its clean latent when that was its last. */
  #advance(frame: InFlight<T>, output: Float32Array, negative: Float32Array | null): Float32Array | null {
    const { plan, at, sample, noises } = frame;
    const level = plan.levels[at]!;
    const guided = this.#guide(frame, level, output, negative);
    const clean = this.#take(sample.length);
    estimateClean(this.#prediction, level, sample, guided, clean);
    if (guided !== output) this.#give(guided);
    frame.at++;
    const next = plan.levels[frame.at];
    if (!next) {
      this.#give(sample);
      if (frame.reference && frame.reference !== frame.source) this.#give(frame.reference);
      return clean;
    }
    if (plan.renoise) noiseTo(next, clean, noises[frame.at]!, sample);
    else for (let i = 0; i < sample.length; i++) sample[i] = next.signal * clean[i]!;
    this.#give(clean);
    return null;
  }

  /** output_cfg = δ·base + γ·(output − δ·base) [S6]; the output itself where nothing guides. */
  #guide(
    frame: InFlight<T>,
    level: Level,
    output: Float32Array,
    negative: Float32Array | null,
  ): Float32Array {
    const { mode, scale, delta } = frame.plan.guidance;
    if (mode === 'none') return output;
    const base = this.#take(output.length);
    if (negative) base.set(negative);
    else outputFor(this.#prediction, level, frame.sample, frame.reference!, base);
    if (mode === 'onetime' && negative) {
      frame.reference = this.#take(output.length);
      estimateClean(this.#prediction, level, frame.sample, negative, frame.reference);
    }
    const weight = mode === 'full' ? 1 : delta;
    for (let i = 0; i < base.length; i++) {
      const from = weight * base[i]!;
      base[i] = from + scale * (output[i]! - from);
    }
    return base;
  }

  #take(length: number): Float32Array {
    return this.#pool.get(length)?.pop() ?? new Float32Array(length);
  }

  #give(buffer: Float32Array): void {
    const kept = this.#pool.get(buffer.length);
    if (kept) kept.push(buffer);
    else this.#pool.set(buffer.length, [buffer]);
  }
}

function row<T>(tag: T, sample: Float32Array, level: Level, negative: boolean): Row<T> {
  return { tag, sample, level, negative };
}
