import type { EngineControl, SettingsOf, ToEngineSocketText } from '../../../contract/engine';
import { toStudioError } from '../../../contract/errors';
import {
  FrameFlag,
  FrameFormat,
  FrameKind,
  FRAME_HEADER_BYTES,
  writeFrameHeader,
} from '../../../contract/frame';
import type { EngineReport } from '../runtime/engine';
import type { EngineLoop } from '../runtime/engine-shell';
import type { TokenizedPrompt } from '../runtime/prompt';
import { Governor } from '../runtime/quality/governor';
import type { Peer } from '../runtime/stage-socket';
import type { StageTimes } from '../runtime/timing';
import { Film, type FilmModel, type FilmPicture } from './film';
import { levelTiers } from './level-tiers';
import { SENT_FPS } from './picture-times';
import { Watches } from './watches';

/** How long a stream rests after a chunk that failed. */
export const REST_AFTER_FAILURE_MS = 1000;

/** What the engine needs of its model. */
export type GenerateModel = FilmModel & {
  tokenize(prompt: string): TokenizedPrompt;
  /** Begins to work out what a prompt is to the network; null when that takes no time to speak of. */
  prepare(prompt: TokenizedPrompt): Promise<unknown> | null;
  /** Frees the model. */
  release(): Promise<void>;
};

type Stream = {
  control: EngineControl;
  settings: SettingsOf<'generate'>;
  prompt: TokenizedPrompt;
  film: Film | null;
  /** The epoch that the film is of. */
  filmEpoch: number;
  restUntilMs: number;
};

/**
 * The live loop of the generate engine [G13]–[G15]: takes settings and watches at any time,
 * makes the films that are watched, chunk by chunk in turn, as far ahead as was asked for,
 * and sends each picture to those who watch. A chunk that fails is reported; the loop goes on.
 */
export class GenerateEngine implements EngineLoop {
  readonly #model: GenerateModel;
  readonly #times: StageTimes;
  readonly #watches: Watches;
  readonly #tiers: ReturnType<typeof levelTiers>;
  readonly #governor: Governor;
  /** Map order is the order of turns: a stream that was served goes to the end. */
  readonly #streams = new Map<number, Stream>();
  #processed = 0;
  #dropped = 0;
  #stopping = false;
  #wake: (() => void) | null = null;
  readonly #ended: Promise<void>;

  constructor(model: GenerateModel, times: StageTimes) {
    this.#model = model;
    this.#times = times;
    this.#watches = new Watches(() => times.now());
    this.#tiers = levelTiers(model.levels);
    this.#governor = new Governor(this.#tiers, () => times.now());
    this.#ended = this.#loop();
  }

  /** Takes settings unless older than those in force; answers with the words it does not hear. */
  control(control: EngineControl): readonly string[] {
    const { streamId, version, settings } = control;
    if (settings.kind !== 'generate') throw new Error(`The generate engine got ${settings.kind} settings.`);
    const known = this.#streams.get(streamId);
    if (known && known.control.version > version) return known.prompt.unheard;
    if (!known) {
      const prompt = this.#model.tokenize(settings.prompt);
      this.#streams.set(streamId, { control, settings, prompt, film: null, filmEpoch: -1, restUntilMs: 0 });
      this.#wake?.();
      return prompt.unheard;
    }
    if (known.settings.prompt !== settings.prompt) known.prompt = this.#model.tokenize(settings.prompt);
    known.control = control;
    known.settings = settings;
    this.#wake?.();
    return known.prompt.unheard;
  }

  forget(streamId: number): void {
    this.#streams.delete(streamId);
  }

  /** A stage says what it watches and how far it is. */
  text(text: ToEngineSocketText, peer: Peer): void {
    const stream = this.#streams.get(text.streamId);
    const madeUs = stream?.filmEpoch === text.epoch ? stream.film?.madeUs : null;
    this.#watches.take(text, peer, madeUs ?? 0);
    this.#wake?.();
  }

  leave(peer: Peer): void {
    this.#watches.leave(peer);
  }

  pin(tier: number | null): void {
    this.#governor.pin(tier);
  }

  expect(prompts: readonly string[]): void {
    // One that cannot be worked out is told when it is asked for.
    for (const prompt of prompts) void this.#model.prepare(this.#model.tokenize(prompt))?.catch(() => {});
  }

  report(): EngineReport {
    return {
      processed: this.#processed,
      dropped: this.#dropped,
      stagesMs: this.#times.means(),
      quality: this.#governor.status,
    };
  }

  /** Ends the loop after the run under way and frees the model. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#wake?.();
    await this.#ended;
    await this.#model.release();
  }

  async #loop(): Promise<void> {
    while (!this.#stopping) {
      const stream = this.#next();
      if (stream) {
        await this.#serve(stream);
        await breath();
      } else {
        await new Promise<void>((resolve) => (this.#wake = resolve));
        this.#wake = null;
      }
    }
  }

  /** The next stream in turn that is wanted further than it is made. */
  #next(): Stream | null {
    for (const [streamId, stream] of this.#streams) {
      if (!this.#isWanted(streamId, stream)) continue;
      this.#streams.delete(streamId);
      this.#streams.set(streamId, stream);
      return stream;
    }
    return null;
  }

  #isWanted(streamId: number, stream: Stream): boolean {
    const watched = this.#watches.of(streamId, stream.control.epoch);
    if (!watched || stream.restUntilMs > this.#times.now()) return false;
    const { film } = stream;
    if (!film || film.madeUs === null || stream.filmEpoch !== stream.control.epoch) return true;
    // Who has shown all there is must get more, even when a chunk is longer than what may be ahead.
    return film.madeUs + film.chunkUs <= watched.limitUs || film.madeUs <= watched.shownUs;
  }

  /** Makes one chunk. */
  async #serve(stream: Stream): Promise<void> {
    const { streamId, epoch, version } = stream.control;
    const { settings, prompt, restUntilMs } = stream;
    const isLive = () =>
      !this.#stopping && this.#streams.get(streamId) === stream && stream.control.epoch === epoch;
    try {
      const film = (stream.film ??= new Film(this.#model, this.#times));
      if (stream.filmEpoch !== epoch) {
        film.begin(this.#watches.of(streamId, epoch)?.shownUs ?? 0);
        stream.filmEpoch = epoch;
      } else if (restUntilMs > 0) film.skipChunk();
      stream.restUntilMs = 0;
      const startMs = this.#times.now();
      const { ids } = prompt;
      const { seed, blendMs } = settings;
      const { levels } = this.#tiers[this.#governor.tier]!;
      const made = await film.advance(
        { ids, seed, blendMs, version, levels },
        async () => {
          await breath();
          return isLive();
        },
        (picture) => this.#send(picture, streamId, epoch, startMs),
      );
      if (made)
        this.#governor.note(this.#times.now() - startMs, film.chunkUs / 1000 / this.#watchedStreams());
    } catch (error) {
      // Nobody waits for this film any more, and what is wanted instead begins anew.
      if (!isLive()) return;
      stream.restUntilMs = this.#times.now() + REST_AFTER_FAILURE_MS;
      const failure = toStudioError(error, 'engine', 'engine.failed').toShape();
      for (const peer of this.#watches.of(streamId, epoch)?.peers ?? []) {
        peer.sendText({ type: 'failed', streamId, error: failure });
      }
    }
  }

  #watchedStreams(): number {
    const watched = [...this.#streams].filter(([id, { control }]) => this.#watches.of(id, control.epoch));
    return Math.max(1, watched.length);
  }

  #send(picture: FilmPicture, streamId: number, epoch: number, startMs: number): void {
    const { message, number, captureUs, version, seed, isNew } = picture;
    const { width, height } = this.#model;
    writeFrameHeader(
      message,
      {
        kind: FrameKind.picture,
        format: FrameFormat.rgba8,
        width,
        height,
        streamId,
        sequence: number >>> 0,
        epoch,
        appliedVersion: version,
        seed,
        captureUs,
        doneUs: captureUs + Math.round(1000 * (this.#times.now() - startMs)),
        flags: isNew ? 0 : FrameFlag.repeated,
        durationUs: 1e6 / SENT_FPS,
      },
      message.byteLength - FRAME_HEADER_BYTES,
    );
    if (isNew) this.#processed++;
    for (const peer of this.#watches.of(streamId, epoch)?.peers ?? []) {
      if (!peer.sendFrame(message)) this.#dropped++;
    }
  }
}

/** An inference blocks the event loop: lets the sockets bring what came in meanwhile. */
function breath(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
