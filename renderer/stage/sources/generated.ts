import type { EngineSocketText } from '../../../contract/engine';
import { FrameFlag, FrameFormat, type Frame } from '../../../contract/frame';
import type { EngineLive, EngineStreamLive } from '../../../contract/live';
import type { EngineStats } from '../../../contract/stage';
import { EngineLink } from '../../engine-link/engine-link';
import { EngineMeter } from '../engine-meter';
import { EngineOutput } from '../engine-picture';
import type { Picture } from '../picture';
import { PlayOut } from './play-out';
import { SOURCE_OK, SOURCE_WAITING, type LayerSource, type SourceCondition } from './source';

/** How far ahead of what is shown the engine may work. */
const AHEAD_US = 1_200_000;
/** The same while the picture stands by for its scene to be taken. */
const STANDBY_AHEAD_US = 500_000;
const WATCH_US = 200_000;
/** With nothing new for this long the picture is said to wait. */
const STALE_US = 3_000_000;

/** What a made picture follows: its stream of the generate engine, and that engine. */
export type GeneratedStream = { streamId: number; live: EngineStreamLive; engine: EngineLive };

/**
 * A picture that never ends: tells the generate engine how far it has played, takes pictures
 * ahead of their time and plays them evenly. While the engine is away it holds the last one.
 */
export class GeneratedSource implements LayerSource {
  readonly #nowUs: () => number;
  readonly #link: EngineLink;
  readonly #playOut = new PlayOut<Frame>();
  readonly #output = new EngineOutput();
  readonly #meter: EngineMeter;
  #stream: GeneratedStream;
  #shown: Frame | null = null;
  #watchedUs = Number.NEGATIVE_INFINITY;
  #arrivedUs: number | null = null;
  #failure: SourceCondition | null = null;

  constructor(layerId: string, token: string, nowUs: () => number, stream: GeneratedStream) {
    this.#nowUs = nowUs;
    this.#stream = stream;
    this.#meter = new EngineMeter(layerId, 'generate', performance.now());
    this.#link = new EngineLink(token, {
      frame: (frame) => this.#picture(frame),
      text: (message) => this.#text(message),
      // An engine that begins anew goes on behind what was shown.
      closed: () => {
        this.#playOut.interrupt();
        this.#watchedUs = Number.NEGATIVE_INFINITY;
      },
    });
    this.#follow();
  }

  /** Takes new settings; a cut drops what was made before it. */
  update(stream: GeneratedStream): void {
    const cut = stream.live.epoch !== this.#stream.live.epoch;
    this.#stream = stream;
    if (cut) this.#cut();
    this.#follow();
  }

  get condition(): SourceCondition {
    const { engine } = this.#stream;
    if (engine.state === 'failed') return { condition: 'error', error: engine.error };
    if (this.#failure !== null) return this.#failure;
    const fresh = this.#arrivedUs !== null && this.#nowUs() - this.#arrivedUs < STALE_US;
    return fresh ? SOURCE_OK : SOURCE_WAITING;
  }

  pictureAt(tickUs: number): Picture | null {
    this.#watch(tickUs, AHEAD_US);
    const frame = this.#playOut.at(tickUs);
    if (frame !== null && frame !== this.#shown) {
      this.#shown = frame;
      this.#output.write({ ...frame.header, captureUs: tickUs }, frame.payload);
      this.#meter.arrived(
        { ...frame.header, captureUs: tickUs },
        (frame.header.flags & FrameFlag.repeated) !== 0,
      );
    }
    if (this.#output.picture !== null) this.#meter.shown();
    return this.#output.picture;
  }

  /** Has the first pictures made while the scene is not on air; costs nothing once they are there. */
  warm(tickUs: number): void {
    this.#watch(tickUs, STANDBY_AHEAD_US);
  }

  /** The tick that shows the last picture is done: measures knob→pixel. */
  drawn(): void {
    this.#meter.drawn(this.#nowUs(), this.#stream.live);
  }

  /** Figures of the last second; `nowMs` is `performance.now()`. */
  readStats(nowMs: number): EngineStats {
    return this.#meter.read(nowMs, 0);
  }

  /** Closes the engine's socket until the next `update`. */
  rest(): void {
    this.#link.setUrl(null);
  }

  dispose(): void {
    this.#link.dispose();
    this.#output.clear();
  }

  #follow(): void {
    const { engine } = this.#stream;
    this.#link.setUrl(engine.state === 'ready' ? engine.url : null);
  }

  #cut(): void {
    this.#playOut.clear();
    this.#watchedUs = Number.NEGATIVE_INFINITY;
  }

  #watch(tickUs: number, aheadUs: number): void {
    if (tickUs - this.#watchedUs < WATCH_US && tickUs >= this.#watchedUs) return;
    const { streamId, live } = this.#stream;
    const shownUs = this.#playOut.shownUs;
    const sent = this.#link.sendText({
      type: 'watch',
      streamId,
      watching: true,
      epoch: live.epoch,
      shownUs,
      aheadUs,
    });
    if (sent) this.#watchedUs = tickUs;
  }

  #picture(frame: Frame): void {
    const { header } = frame;
    const { streamId, live } = this.#stream;
    if (header.format !== FrameFormat.rgba8 || header.streamId !== streamId || header.epoch !== live.epoch)
      return;
    this.#failure = null;
    this.#arrivedUs = this.#nowUs();
    this.#playOut.push(header.captureUs, frame);
  }

  #text(message: EngineSocketText): void {
    if (message.type === 'timing') this.#meter.timing(message.stagesMs);
    else if (message.streamId === this.#stream.streamId) {
      this.#failure = { condition: 'error', error: message.error };
    }
  }
}
