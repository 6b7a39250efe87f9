import type { EngineControl, EngineSocketText, SettingsOf } from '../../../contract/engine';
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
import { Governor } from '../runtime/quality/governor';
import type { Peer } from '../runtime/stage-socket';
import type { StageTimes } from '../runtime/timing';
import type { Look, Size, SourcePicture } from './pipeline';
import { budgetMs, sizeAt, SIZE_TIERS } from './size-tiers';
import type { TokenizedPrompt } from '../runtime/prompt';

/** What the engine needs of its pipeline. */
export type Renderer = {
  tokenize(prompt: string): TokenizedPrompt;
  /** Begins to work out what a prompt is to the network; null when no picture would wait for that. */
  prepare(prompt: TokenizedPrompt): Promise<unknown> | null;
  /** Sides of pictures are multiples of this. */
  readonly multiple: number;
  render(source: SourcePicture, size: Size, look: Look, out: Uint8ClampedArray): Promise<void>;
  readonly images: ImageStatus;
  /** Frees the model. */
  release(): Promise<void>;
};

type Settled = { control: EngineControl; settings: SettingsOf<'animate'>; look: Look };
type Stream = Settled & { servedMs: number };
/** A stream without a picture for so long takes no part of the time there is. */
const ACTIVE_MS = 2000;

type Job = { frame: Frame; peer: Peer; arrivedMs: number };

/**
 * The live loop of the animate engine [A8]–[A11]: takes settings and pictures at any time,
 * renders the newest picture of one stream after the other with the newest settings, and
 * answers the stage that sent it. A picture that fails is reported; the loop goes on.
 */
export class AnimateEngine implements EngineLoop {
  readonly #renderer: Renderer;
  readonly #times: StageTimes;
  readonly #queue = new NewestWins<Job>(skip);
  readonly #streams = new Map<number, Stream>();
  /** Newer settings of streams, whose prompt is still being worked out. */
  readonly #coming = new Map<number, Settled>();
  readonly #governor: Governor;
  #processed = 0;
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
    const { seed, strength } = settings;
    const known = this.#coming.get(streamId) ?? this.#streams.get(streamId);
    if (known && known.control.version > version) return known.look.prompt.unheard;
    const prompt =
      known?.settings.prompt === settings.prompt
        ? known.look.prompt
        : this.#renderer.tokenize(settings.prompt);
    const next: Settled = { control, settings, look: { prompt, seed, strength } };
    const preparing = this.#renderer.prepare(prompt);
    if (preparing) {
      this.#coming.set(streamId, next);
      // An encoder that fails is told by the picture that needs it.
      void preparing.catch(() => {}).then(() => this.#arrived(streamId, next));
    } else {
      this.#coming.delete(streamId);
      this.#settle(streamId, next);
    }
    return prompt.unheard;
  }

  forget(streamId: number): void {
    this.#coming.delete(streamId);
    this.#streams.delete(streamId);
    this.#queue.forget(streamId);
  }

  /** The prompt of settings is ready; they hold unless newer ones came meanwhile. */
  #arrived(streamId: number, settled: Settled): void {
    if (this.#coming.get(streamId) !== settled) return;
    this.#coming.delete(streamId);
    this.#settle(streamId, settled);
  }

  #settle(streamId: number, settled: Settled): void {
    const servedMs = this.#streams.get(streamId)?.servedMs ?? -Infinity;
    this.#streams.set(streamId, { ...settled, servedMs });
    this.#queue.setEpoch(streamId, settled.control.epoch);
    this.#wake?.();
  }

  /** A picture from a stage; it replaces one of the same stream that still waits. */
  frame(frame: Frame, peer: Peer): void {
    const { streamId, epoch, format } = frame.header;
    if (format !== FrameFormat.rgba8) {
      const message = `A picture for an engine must be RGBA bytes (format ${FrameFormat.rgba8}), got ${format}.`;
      this.#report(peer, streamId, new StudioError('engine', 'message.invalid', message));
      return;
    }
    this.#queue.push(streamId, epoch, { frame, peer, arrivedMs: this.#times.now() });
    this.#wake?.();
  }

  /** A stage is gone: what it still waits for is not rendered. */
  leave(peer: Peer): void {
    this.#queue.dropWhere((job) => job.peer === peer);
  }

  pin(tier: number | null): void {
    this.#governor.pin(tier);
  }

  report(): EngineReport {
    const { images } = this.#renderer;
    return {
      processed: this.#processed,
      dropped: this.#queue.dropped,
      stagesMs: this.#times.means(),
      images,
      quality: this.#governor.status,
    };
  }

  /** Ends the loop after the picture under way and frees the model. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    await this.#ended;
    await this.#renderer.release();
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      const job = this.#queue.take();
      if (job) {
        await this.#serve(job);
        // An inference blocks the event loop: let the sockets bring what came in meanwhile,
        // so that the next choice sees the newest pictures and settings.
        await new Promise((resolve) => setImmediate(resolve));
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = null;
      }
    }
  }

  async #serve(job: Job): Promise<void> {
    const { frame, peer, arrivedMs } = job;
    const { header, payload } = frame;
    const stream = this.#streams.get(header.streamId);
    // The queue gives out only pictures whose epoch a control has set.
    if (!stream) return;
    const times = this.#times;
    const startMs = times.now();
    times.add('wait', startMs - arrivedMs);
    const size = sizeAt(this.#governor.tier, header, this.#renderer.multiple);
    const message = new ArrayBuffer(FRAME_HEADER_BYTES + 4 * size.width * size.height);
    const out = new Uint8ClampedArray(message, FRAME_HEADER_BYTES);
    const { width, height } = header;
    try {
      await this.#renderer.render({ width, height, rgba: payload }, size, stream.look, out);
    } catch (error) {
      this.#report(peer, header.streamId, toStudioError(error, 'engine', 'engine.failed'));
      return;
    }
    const endMs = times.since('total', startMs);
    this.#processed++;
    this.#governor.note(endMs - startMs, budgetMs(this.#activeStreams(header.streamId, endMs)));
    // A cut came while it was made: it belongs to a picture nobody wants any more.
    if (this.#streams.get(header.streamId)?.control.epoch !== header.epoch) {
      this.#queue.countDropped();
      skip(job);
      return;
    }
    const { version } = stream.control;
    const { seed } = stream.settings;
    const doneUs = header.captureUs + Math.round((endMs - arrivedMs) * 1000);
    writeFrameHeader(message, { ...header, ...size, appliedVersion: version, seed, doneUs }, out.length);
    if (!peer.sendFrame(message)) this.#queue.countDropped();
  }

  /** Streams that have pictures made at present, this one among them. */
  #activeStreams(streamId: number, nowMs: number): number {
    const stream = this.#streams.get(streamId);
    if (stream) stream.servedMs = nowMs;
    return [...this.#streams.values()].filter(({ servedMs }) => nowMs - servedMs < ACTIVE_MS).length;
  }

  #report(peer: Peer, streamId: number, error: StudioError): void {
    const text: EngineSocketText = { type: 'failed', streamId, error: error.toShape() };
    peer.sendText(text);
  }
}

/** Answers a picture that is left out, so that the stage does not wait for it [A10]. */
function skip({ frame, peer }: Job): void {
  const header = { ...frame.header, epoch: 0, width: 1, height: 1, flags: FrameFlag.skipped };
  peer.sendFrame(encodeFrame(header, new Uint8Array(4)));
}
