import { animateControls } from '../../../contract/animate';
import type { EngineControl, EngineSocketText } from '../../../contract/engine';
import { StudioError, toStudioError } from '../../../contract/errors';
import {
  FRAME_HEADER_BYTES,
  FrameFlag,
  FrameFormat,
  encodeFrame,
  writeFrameHeader,
  type Frame,
} from '../../../contract/frame';
import type { EngineReport } from '../runtime/engine';
import type { EngineLoop } from '../runtime/engine-shell';
import type { ImageStatus } from '../runtime/image/image-path';
import { NewestWins } from '../runtime/newest-wins';
import type { TokenizedPrompt } from '../runtime/prompt';
import { Governor } from '../runtime/quality/governor';
import type { Peer } from '../runtime/stage-socket';
import type { StageTimes } from '../runtime/timing';
import type { Look, Made, Size, SourcePicture } from './pipeline';
import { StreamLook, type LookModel, type Wish } from './stream-look';
import { SimilarityFilter } from './similarity-filter';
import { budgetMs, sizeAt, SIZE_TIERS } from './size-tiers';

/** What the engine needs of its pipeline. */
export type Renderer = {
  tokenize(prompt: string): TokenizedPrompt;
  /** Begins to work out what a prompt is to the network; null when no picture would wait for that. */
  prepare(prompt: TokenizedPrompt): Promise<unknown> | null;
  /** Sides of pictures are multiples of this. */
  readonly multiple: number;
  enter(job: Job, source: SourcePicture, size: Size, look: Look): Promise<void>;
  step(target: (job: Job, size: Size) => Uint8ClampedArray | null): Promise<Made<Job>[]>;
  drop(matches: (job: Job) => boolean): Job[];
  readonly underWay: number;
  readonly images: ImageStatus;
  /** Frees the model. */
  release(): Promise<void>;
} & LookModel;

type Settled = { control: EngineControl; wish: Wish };
type Stream = Settled & {
  servedMs: number;
  /** Capture time of the last picture that was given out. */
  shownUs: number;
  filter: SimilarityFilter;
  look: StreamLook;
};
/** A stream without a picture for so long takes no part of the time there is. */
const ACTIVE_MS = 2000;

/** A picture of a stage, from its arrival to its answer. */
export type Job = {
  frame: Frame;
  peer: Peer;
  arrivedMs: number;
  /** The settings it is made with, from when it enters. */
  made: Settled | null;
  /** The answer to be sent, and the size of its picture. */
  answer: { message: ArrayBuffer; size: Size } | null;
};

/**
 * The live loop of the animate engine [A8]–[A11]: takes settings and pictures at any time, has the
 * newest picture of each stream enter the stream batch with the newest settings, moves the batch on,
 * and answers the stage with what comes out. A picture that fails is reported; the loop goes on.
 */
export class AnimateEngine implements EngineLoop {
  readonly #renderer: Renderer;
  readonly #times: StageTimes;
  readonly #queue = new NewestWins<Job>((job) => skip(job));
  readonly #streams = new Map<number, Stream>();
  /** Newer settings of streams, whose prompt is still being worked out. */
  readonly #coming = new Map<number, Settled>();
  readonly #governor: Governor;
  /** Pictures that have entered and are not answered yet. */
  readonly #underWay = new Set<Job>();
  /** Work since the last picture came out, in milliseconds. */
  #busyMs = 0;
  #processed = 0;
  #filtered = 0;
  #stopping = false;
  #wake: (() => void) | null = null;
  readonly #ended: Promise<void>;

  constructor(renderer: Renderer, times: StageTimes) {
    this.#renderer = renderer;
    this.#times = times;
    this.#governor = new Governor(SIZE_TIERS, () => times.now());
    this.#ended = this.#loop();
  }

  /** Takes settings unless older than those in force; answers with the words it does not hear. */
  control(control: EngineControl): readonly string[] {
    const { streamId, version, settings } = control;
    if (settings.kind !== 'animate') throw new Error(`The animate engine got ${settings.kind} settings.`);
    const known = this.#coming.get(streamId) ?? this.#streams.get(streamId);
    if (known && known.control.version > version) return unheardOf(known.wish);
    const wish = this.#wishOf(animateControls(settings), known?.wish);
    const next: Settled = { control, wish };
    const preparing = this.#prepare(promptsOf(wish));
    if (preparing) {
      this.#coming.set(streamId, next);
      // An encoder that fails is told by the picture that needs it.
      void preparing.catch(() => {}).then(() => this.#arrived(streamId, next));
    } else {
      this.#coming.delete(streamId);
      this.#settle(streamId, next);
    }
    return unheardOf(wish);
  }

  forget(streamId: number): void {
    this.#coming.delete(streamId);
    this.#streams.delete(streamId);
    this.#queue.forget(streamId);
    for (const job of this.#drop(({ frame }) => frame.header.streamId === streamId)) this.#leaveOut(job);
  }

  /** A picture from a stage; it replaces one of the same stream that still waits. */
  frame(frame: Frame, peer: Peer): void {
    const { streamId, epoch, format } = frame.header;
    if (format !== FrameFormat.rgba8) {
      const message = `A picture for an engine must be RGBA bytes (format ${FrameFormat.rgba8}), got ${format}.`;
      this.#report(peer, streamId, new StudioError('engine', 'message.invalid', message));
      return;
    }
    const arrivedMs = this.#times.now();
    this.#queue.push(streamId, epoch, { frame, peer, arrivedMs, made: null, answer: null });
    this.#wake?.();
  }

  /** A stage is gone: what it still waits for is not made. */
  leave(peer: Peer): void {
    this.#queue.dropWhere((job) => job.peer === peer);
    this.#drop((job) => job.peer === peer);
  }

  pin(tier: number | null): void {
    this.#governor.pin(tier);
  }

  expect(prompts: readonly string[]): void {
    // One that cannot be worked out is told when it is asked for.
    for (const prompt of prompts)
      void this.#renderer.prepare(this.#renderer.tokenize(prompt))?.catch(() => {});
  }

  report(): EngineReport {
    const { images } = this.#renderer;
    return {
      processed: this.#processed,
      dropped: this.#queue.dropped,
      filtered: this.#filtered,
      stagesMs: this.#times.means(),
      images,
      quality: this.#governor.status,
    };
  }

  /** Ends the loop after the step under way and frees the model. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    await this.#ended;
    await this.#renderer.release();
  }

  /** Settings with their prompts in the model's words; those that it had before are not read again. */
  #wishOf(settings: Wish['settings'], before: Wish | undefined): Wish {
    const read = new Map<string, TokenizedPrompt>();
    if (before) {
      read.set(before.settings.prompt, before.prompt);
      before.others.forEach((one, i) => read.set(before.settings.blend!.others[i]!.prompt, one));
      if (before.negative) read.set(before.settings.negative, before.negative);
    }
    const inWords = (text: string) => read.get(text) ?? this.#renderer.tokenize(text);
    const { mode } = settings.guidance;
    const hearsNegative = settings.negative !== '' && (mode === 'full' || mode === 'onetime');
    return {
      settings,
      prompt: inWords(settings.prompt),
      others: settings.blend?.others.map(({ prompt }) => inWords(prompt)) ?? [],
      negative: hearsNegative ? inWords(settings.negative) : null,
    };
  }

  #prepare(prompts: readonly TokenizedPrompt[]): Promise<unknown> | null {
    const preparing = prompts.map((prompt) => this.#renderer.prepare(prompt)).filter((one) => one !== null);
    return preparing.length > 0 ? Promise.all(preparing) : null;
  }

  /** The prompt of settings is ready; they hold unless newer ones came meanwhile. */
  #arrived(streamId: number, settled: Settled): void {
    if (this.#coming.get(streamId) !== settled) return;
    this.#coming.delete(streamId);
    this.#settle(streamId, settled);
  }

  #settle(streamId: number, settled: Settled): void {
    const known = this.#streams.get(streamId);
    const { control, wish } = settled;
    const kept = known ?? {
      servedMs: -Infinity,
      shownUs: -Infinity,
      filter: new SimilarityFilter(streamId),
      look: new StreamLook(this.#renderer),
    };
    kept.filter.set(wish.settings.filter);
    kept.look.turnTo(wish, this.#times.now(), known?.control.epoch !== control.epoch);
    this.#streams.set(streamId, { ...kept, ...settled });
    this.#queue.setEpoch(streamId, control.epoch);
    // Of what is under way, a cut leaves nothing that anyone would want.
    const isPast = ({ header }: Frame) => header.streamId === streamId && header.epoch < control.epoch;
    for (const job of this.#drop(({ frame }) => isPast(frame))) this.#leaveOut(job);
    this.#wake?.();
  }

  #drop(matches: (job: Job) => boolean): Job[] {
    const dropped = this.#renderer.drop(matches);
    for (const job of dropped) this.#underWay.delete(job);
    return dropped;
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      const startMs = this.#times.now();
      await this.#takeIn();
      if (this.#renderer.underWay > 0) {
        await this.#step(startMs);
        // An inference blocks the event loop: let the sockets bring what came in meanwhile,
        // so that the next choice sees the newest pictures and settings.
        await new Promise((resolve) => setImmediate(resolve));
      } else if (this.#queue.ready === 0) {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = null;
      }
    }
  }

  /** One picture of each stream that has one enters the batch [A9]. */
  async #takeIn(): Promise<void> {
    for (let left = this.#queue.ready; left > 0; left--) {
      const job = this.#queue.take();
      if (!job) return;
      const { header, payload } = job.frame;
      const stream = this.#streams.get(header.streamId);
      // The queue gives out only pictures whose epoch a control has set.
      if (!stream) continue;
      this.#times.add('wait', this.#times.now() - job.arrivedMs);
      const { width, height } = header;
      const version = stream.control.version;
      if (stream.filter.skips({ width, height, rgba: payload }, version)) {
        this.#filtered++;
        skip(job, FrameFlag.alike);
        continue;
      }
      job.made = stream;
      this.#underWay.add(job);
      const size = sizeAt(this.#governor.tier, header, this.#renderer.multiple);
      try {
        const source = { width, height, rgba: payload };
        const look = await stream.look.at(source, size, this.#times.now());
        await this.#renderer.enter(job, source, size, look);
      } catch (error) {
        this.#failed([job], error);
      }
    }
  }

  /** Moves the batch on and answers what came out of it; `startMs`: when this round of work began. */
  async #step(startMs: number): Promise<void> {
    let made: Made<Job>[];
    try {
      made = await this.#renderer.step((job, size) => {
        if (!this.#isWanted(job)) return null;
        const message = new ArrayBuffer(FRAME_HEADER_BYTES + 4 * size.width * size.height);
        job.answer = { message, size };
        return new Uint8ClampedArray(message, FRAME_HEADER_BYTES);
      });
    } catch (error) {
      // No picture is under way any more.
      this.#failed([...this.#underWay], error);
      return;
    }
    const endMs = this.#times.now();
    this.#busyMs += endMs - startMs;
    if (made.length > 0) {
      const pictureMs = this.#busyMs / made.length;
      this.#busyMs = 0;
      this.#times.add('total', pictureMs, endMs);
      this.#governor.note(pictureMs, budgetMs(this.#activeStreams(made, endMs)));
    }
    for (const { tag, broken } of made) {
      this.#underWay.delete(tag);
      if (broken) this.#failed([tag], broken);
      else if (tag.answer && this.#isWanted(tag)) this.#answer(tag, tag.answer, endMs);
      else this.#leaveOut(tag);
    }
  }

  #answer(
    { frame, peer, arrivedMs, made }: Job,
    { message, size }: NonNullable<Job['answer']>,
    endMs: number,
  ): void {
    const { header } = frame;
    const stream = this.#streams.get(header.streamId)!;
    stream.shownUs = header.captureUs;
    this.#processed++;
    const { version } = made!.control;
    const { seed } = made!.wish.settings;
    const doneUs = header.captureUs + Math.round((endMs - arrivedMs) * 1000);
    const payloadBytes = message.byteLength - FRAME_HEADER_BYTES;
    writeFrameHeader(message, { ...header, ...size, appliedVersion: version, seed, doneUs }, payloadBytes);
    if (!peer.sendFrame(message)) this.#queue.countDropped();
  }

  /** Whether a picture is of its stream's present epoch, and newer than what was given out [A10]. */
  #isWanted({ frame: { header } }: Job): boolean {
    const stream = this.#streams.get(header.streamId);
    return stream?.control.epoch === header.epoch && header.captureUs > stream.shownUs;
  }

  /** Streams that have pictures made at present. */
  #activeStreams(made: readonly Made<Job>[], nowMs: number): number {
    for (const { tag } of made) {
      const stream = this.#streams.get(tag.frame.header.streamId);
      if (stream) stream.servedMs = nowMs;
    }
    return [...this.#streams.values()].filter(({ servedMs }) => nowMs - servedMs < ACTIVE_MS).length;
  }

  #leaveOut(job: Job): void {
    this.#queue.countDropped();
    skip(job);
  }

  /** Tells each stage once a stream; a stage that hears it waits for no picture any more. */
  #failed(jobs: readonly Job[], error: unknown): void {
    const told = new Map<number, Job>();
    for (const job of jobs) {
      this.#underWay.delete(job);
      told.set(job.frame.header.streamId, job);
    }
    const failure = toStudioError(error, 'engine', 'engine.failed');
    for (const { frame, peer } of told.values()) this.#report(peer, frame.header.streamId, failure);
  }

  #report(peer: Peer, streamId: number, error: StudioError): void {
    const text: EngineSocketText = { type: 'failed', streamId, error: error.toShape() };
    peer.sendText(text);
  }
}

/** Answers a picture that is left out, so that the stage does not wait for it [A10]. */
function skip({ frame, peer }: Job, why = 0): void {
  const header = { ...frame.header, epoch: 0, width: 1, height: 1, flags: FrameFlag.skipped | why };
  peer.sendFrame(encodeFrame(header, new Uint8Array(4)));
}

function promptsOf({ prompt, others, negative }: Wish): TokenizedPrompt[] {
  return [prompt, ...others, ...(negative ? [negative] : [])];
}

/** Words of any of the prompts that have no effect. */
function unheardOf(wish: Wish): string[] {
  return [...new Set(promptsOf(wish).flatMap(({ unheard }) => unheard))];
}
