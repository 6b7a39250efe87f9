import { animateControls } from '../../contract/animate';
import type { EngineSocketText } from '../../contract/engine';
import { FrameFlag, FrameFormat, FrameKind, type Frame, type FrameHeader } from '../../contract/frame';
import { ENGINE_PICTURE_SIZE } from '../../contract/engine';
import type { EngineLive, LayerLive } from '../../contract/live';
import type { AnimateSettings } from '../../contract/project';
import type { EngineStats } from '../../contract/stage';
import { CreditQueue, ENGINE_CREDITS } from './credit-queue';
import { EngineLink } from '../engine-link/engine-link';
import { EngineMeter } from './engine-meter';
import { EngineInput, EngineMixer, EngineOutput } from './engine-picture';
import { engineAnswers, showsEngine, type EngineSituation } from './engine-view';
import type { SourceRect } from './geometry';
import type { Picture } from './picture';
import { SOURCE_OK, SOURCE_WAITING, type SourceCondition } from './sources/source';

/** A picture that does not change is sent again this often, so that the engine stays heard of. */
const REPEAT_US = 500_000;
/** A layer that was not drawn for this long begins anew: its last engine picture shows the past. */
const AWAY_US = 1_000_000;

/** A layer's picture and the part of it that is visible. */
export type VisiblePicture = { picture: Picture; rect: SourceRect };

/**
 * One layer's way through the animate engine: sends its source's pictures, keeps the newest
 * answer, joins both, and falls back to the source when the engine is away.
 */
export class EngineLayer {
  readonly #nowUs: () => number;
  readonly #link: EngineLink;
  readonly #queue = new CreditQueue<VisiblePicture>();
  readonly #input = new EngineInput();
  readonly #output = new EngineOutput();
  readonly #mixer = new EngineMixer();
  readonly #meter: EngineMeter;
  #settings: AnimateSettings;
  #live: LayerLive;
  #engine: EngineLive;
  #sequence = 0;
  #offered: { version: number; control: string; atUs: number } | null = null;
  #lastCaptureUs = 0;
  #lastGoodUs: number | null = null;
  /** Answers to pictures up to this capture time are not wanted any more. */
  #forgottenUs = Number.NEGATIVE_INFINITY;
  /** Tick of the last `apply`. */
  #appliedUs: number | null = null;
  #pictureEpoch = -1;
  #epochSinceUs = 0;
  #failure: SourceCondition | null = null;

  constructor(
    layerId: string,
    token: string,
    nowUs: () => number,
    settings: AnimateSettings,
    live: LayerLive,
    engine: EngineLive,
  ) {
    this.#nowUs = nowUs;
    this.#settings = settings;
    this.#live = live;
    this.#engine = engine;
    this.#queue.limit = creditsFor(settings);
    this.#meter = new EngineMeter(layerId, 'animate', performance.now());
    this.#link = new EngineLink(token, {
      frame: (frame) => this.#picture(frame),
      text: (message) => this.#text(message),
      closed: () => this.#queue.reset(),
    });
    this.#link.setUrl(engine.state === 'ready' ? engine.url : null);
  }

  /** Takes new settings; the socket follows the engine. */
  update(settings: AnimateSettings, live: LayerLive, engine: EngineLive): void {
    if (live.epoch !== this.#live.epoch) this.#epochSinceUs = this.#nowUs();
    this.#settings = settings;
    this.#live = live;
    this.#engine = engine;
    this.#queue.limit = creditsFor(settings);
    this.#link.setUrl(engine.state === 'ready' ? engine.url : null);
  }

  /** Closes the engine's socket until the next `update`. */
  rest(): void {
    this.#link.setUrl(null);
    this.forgetPictures();
  }

  /** What was sent so far, and its answers, must not appear again: the source changed, or time passed. */
  forgetPictures(): void {
    this.#forgottenUs = this.#lastCaptureUs;
    this.#output.clear();
    this.#queue.reset();
    this.#offered = null;
    this.#lastGoodUs = null;
  }

  /** How the engine does for this layer. */
  get condition(): SourceCondition {
    if (this.#engine.state === 'failed') return { condition: 'error', error: this.#engine.error };
    if (this.#failure !== null) return this.#failure;
    return engineAnswers(this.#situation()) ? SOURCE_OK : SOURCE_WAITING;
  }

  /**
   * Offers the source's picture of this tick to the engine and gives what the layer shows
   * instead of it, uncropped; null to show the source itself.
   */
  apply(source: VisiblePicture, tickUs: number): Picture | null {
    if (this.#appliedUs !== null && Math.abs(tickUs - this.#appliedUs) > AWAY_US) this.forgetPictures();
    this.#appliedUs = tickUs;
    this.#offer(source, tickUs);
    const engine = this.#output.picture;
    const { mix, wipe } = this.#settings;
    if (engine === null || mix === 0 || wipe === 1 || !showsEngine(this.#situation())) {
      this.#meter.hidden();
      return null;
    }
    this.#meter.shown();
    if (mix === 1 && (wipe === null || wipe === 0) && !source.picture.hasAlpha) return engine;
    return this.#mixer.join(source.picture, source.rect, engine, { mix, wipe });
  }

  /** The tick that shows what `apply` gave is done: measures knob→pixel and age. */
  drawn(): void {
    this.#meter.drawn(this.#nowUs(), this.#live);
  }

  /** Figures of the last second; `nowMs` is `performance.now()`. */
  readStats(nowMs: number): EngineStats {
    return this.#meter.read(nowMs, this.#queue.dropped);
  }

  dispose(): void {
    this.#link.dispose();
    this.#output.clear();
  }

  #situation(): EngineSituation {
    return {
      nowUs: this.#nowUs(),
      reachable: this.#link.connected && this.#engine.state === 'ready',
      lastGoodUs: this.#lastGoodUs,
      oldestSentUs: this.#queue.oldestSentUs,
      outdatedSinceUs: this.#pictureEpoch < this.#live.epoch ? this.#epochSinceUs : null,
    };
  }

  #offer(source: VisiblePicture, tickUs: number): void {
    this.#queue.expire(this.#nowUs());
    if (!this.#link.connected) return;
    const { version } = source.picture;
    const control = `${this.#live.epoch}.${this.#live.controlVersion}`;
    const last = this.#offered;
    const unchanged = last !== null && last.version === version && last.control === control;
    if (!unchanged || tickUs - last.atUs >= REPEAT_US || tickUs < last.atUs) {
      this.#offered = { version, control, atUs: tickUs };
      this.#queue.offer(source);
    }
    this.#pump();
  }

  #pump(): void {
    const next = this.#queue.take();
    if (next === null) return;
    const nowUs = this.#nowUs();
    // Answers are matched by capture time, so a still picture that is sent again needs a new one.
    const { captureUs } = next.picture;
    const uniqueUs = captureUs > this.#lastCaptureUs ? captureUs : Math.max(this.#lastCaptureUs + 1, nowUs);
    const message = this.#rasterise(next, this.#header(uniqueUs));
    if (message === null || !this.#link.send(message)) return;
    this.#lastCaptureUs = uniqueUs;
    this.#sequence += 1;
    this.#queue.sent(uniqueUs, nowUs);
  }

  /** Null when the picture is no longer there: its camera was unplugged while it waited. */
  #rasterise({ picture, rect }: VisiblePicture, header: FrameHeader): Uint8Array<ArrayBuffer> | null {
    try {
      return this.#input.read(header, picture, rect);
    } catch {
      return null;
    }
  }

  #header(captureUs: number): FrameHeader {
    return {
      kind: FrameKind.picture,
      format: FrameFormat.rgba8,
      width: ENGINE_PICTURE_SIZE,
      height: ENGINE_PICTURE_SIZE,
      streamId: this.#live.streamId,
      sequence: this.#sequence >>> 0,
      epoch: this.#live.epoch,
      appliedVersion: this.#live.controlVersion,
      seed: this.#settings.seed,
      captureUs,
      doneUs: 0,
      flags: 0,
      durationUs: 0,
    };
  }

  #picture({ header, payload }: Frame): void {
    if (header.format !== FrameFormat.rgba8 || header.streamId !== this.#live.streamId) return;
    const skipped = (header.flags & FrameFlag.skipped) !== 0;
    const alike = (header.flags & FrameFlag.alike) !== 0;
    this.#queue.answered(header.captureUs, !skipped || alike);
    if (alike) this.#meter.alike();
    const wanted = header.captureUs > this.#forgottenUs;
    if (!skipped && wanted && header.epoch >= this.#live.epoch) {
      this.#failure = null;
      this.#lastGoodUs = this.#nowUs();
      this.#pictureEpoch = header.epoch;
      this.#output.write(header, payload);
      this.#meter.arrived(header, (header.flags & FrameFlag.repeated) !== 0);
    }
    this.#pump();
  }

  #text(message: EngineSocketText): void {
    if (message.type === 'timing') {
      this.#meter.timing(message.stagesMs);
      return;
    }
    if (message.streamId !== this.#live.streamId) return;
    this.#queue.reset();
    this.#failure = { condition: 'error', error: message.error };
  }
}

/** Beside the one that waits, the engine works on a picture of each step at once. */
function creditsFor(settings: AnimateSettings): number {
  return ENGINE_CREDITS + animateControls(settings).steps - 1;
}
