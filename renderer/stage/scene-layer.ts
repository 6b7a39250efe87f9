import type { CaptionWord } from '../../contract/captions';
import { MEDIA_PATH } from '../../contract/rpc';
import type { LiveState } from '../../contract/live';
import type { Layer } from '../../contract/project';
import type { EngineStats, LayerCondition } from '../../contract/stage';
import type { DrawItem } from './compositor/compositor';
import { EngineLayer } from './engine-layer';
import { place } from './geometry';
import { CameraSource } from './sources/camera';
import { CaptionsSource } from './sources/captions';
import { FilmSource } from './sources/film';
import { GeneratedSource, type GeneratedStream } from './sources/generated';
import { ImageSource } from './sources/image';
import type { LayerSource, SourceCondition } from './sources/source';
import { TestCardSource } from './sources/test-card';
import { TextSource, type TextBox } from './sources/text';

/** A film or picture that failed is opened again this often: the file may be back. */
const REOPEN_US = 5_000_000;
/** Text is not drawn larger than this many times the programme's height. */
const MAX_TEXT_SCALE = 2;
const NO_CROP = { left: 0, top: 0, right: 0, bottom: 0 };

/** What layers need of the stage. */
export type LayerContext = {
  /** `http://127.0.0.1:port`, where media are served. */
  httpOrigin: string;
  token: string;
  nowUs: () => number;
  /** The newest words that were heard. */
  words: () => readonly CaptionWord[];
  /** The camera of a layer; made when it is asked for and owned by the scene. */
  camera: (layerId: string) => CameraSource;
};

/** One visible layer: its source, its engine, its place. */
export class SceneLayer {
  readonly id: string;
  readonly #context: LayerContext;
  #layer: Layer;
  #state: LiveState;
  #source: LayerSource;
  #sourceKey: string;
  #openedUs: number;
  /** What was wrong with the source before it was opened again, until that is decided. */
  #failure: SourceCondition | null = null;
  #engine: EngineLayer | null = null;
  /** Whether the present source has shown that it has a picture. */
  #warmed = false;

  constructor(layer: Layer, state: LiveState, context: LayerContext) {
    this.id = layer.id;
    this.#layer = layer;
    this.#state = state;
    this.#context = context;
    this.#sourceKey = sourceKey(layer, state);
    this.#source = this.#open(layer, state);
    this.#openedUs = context.nowUs();
    this.#updateEngine(layer, state);
  }

  /** The tick is drawn: what it shows for the first time is measured. */
  drawn(): void {
    this.#engine?.drawn();
    if (this.#source instanceof GeneratedSource) this.#source.drawn();
  }

  /** Figures of its engines in the last second; `nowMs` is `performance.now()`. */
  readEngineStats(nowMs: number): EngineStats[] {
    const made = this.#source instanceof GeneratedSource ? [this.#source.readStats(nowMs)] : [];
    return this.#engine ? [this.#engine.readStats(nowMs), ...made] : made;
  }

  /** Leaves the engines to another stage until the next snapshot. */
  rest(): void {
    this.#engine?.rest();
    if (this.#source instanceof GeneratedSource) this.#source.rest();
  }

  /** Source first: an engine cannot do better than what it is given. */
  get condition(): LayerCondition {
    const source = this.#sourceCondition();
    const engine = this.#engine?.condition;
    const worst = source.condition === 'ok' && engine !== undefined ? engine : source;
    return { layerId: this.id, condition: worst.condition, error: worst.error };
  }

  /** Takes a new snapshot of this layer. */
  update(layer: Layer, state: LiveState): void {
    const key = sourceKey(layer, state);
    this.#layer = layer;
    this.#state = state;
    if (key !== this.#sourceKey) {
      this.#failure = null;
      this.#reopen();
    }
    this.#sourceKey = key;
    this.#updateSource(layer, state);
    this.#updateEngine(layer, state);
  }

  /** What to draw for this tick; null where there is nothing yet. */
  item(tickUs: number, programme: LiveState['project']['programme']): DrawItem | null {
    this.#retry();
    const picture = this.#source.pictureAt(tickUs);
    if (picture === null) return null;
    const { transform, opacity, blend } = this.#layer;
    const rect = place(transform, picture, programme).source;
    const animated = this.#engine?.apply({ picture, rect }, tickUs) ?? null;
    if (animated === null) return { picture, transform, opacity, blend };
    return { picture: animated, transform: { ...transform, crop: NO_CROP }, opacity, blend };
  }

  /** Gets the first pictures of a film or a made picture ready while its scene is not on air; costs nothing once it is. */
  warm(tickUs: number): void {
    this.#retry();
    if (this.#source instanceof GeneratedSource) return this.#source.warm(tickUs);
    if (this.#warmed || !(this.#source instanceof FilmSource)) return;
    this.#warmed = this.#source.pictureAt(tickUs) !== null;
  }

  dispose(): void {
    this.#close();
    this.#engine?.dispose();
    this.#engine = null;
  }

  /** A reopened source that has no news yet is as bad as it was: its notice must not blink. */
  #sourceCondition(): SourceCondition {
    const { condition } = this.#source;
    if (condition.condition === 'ok') this.#failure = null;
    return condition.condition === 'waiting' && this.#failure !== null ? this.#failure : condition;
  }

  /** Opens a source that failed again, now and then. */
  #retry(): void {
    const { condition } = this.#source;
    if (condition.condition !== 'error' || !opensFiles(this.#source)) return;
    if (this.#context.nowUs() - this.#openedUs <= REOPEN_US) return;
    this.#failure = condition;
    this.#reopen();
  }

  #reopen(): void {
    this.#close();
    this.#source = this.#open(this.#layer, this.#state);
    this.#warmed = false;
    this.#openedUs = this.#context.nowUs();
    this.#engine?.forgetPictures();
  }

  /** Cameras belong to the scene: they outlive a change of scene. */
  #close(): void {
    if (!(this.#source instanceof CameraSource)) this.#source.dispose();
  }

  #open(layer: Layer, state: LiveState): LayerSource {
    const { source } = layer;
    const { nowUs, httpOrigin, camera } = this.#context;
    const { width, height } = state.project.programme;
    if (source.kind === 'camera') return camera(layer.id);
    if (source.kind === 'text') return new TextSource(source, textBox(layer, state), nowUs);
    if (source.kind === 'test-card') return new TestCardSource(width, height, source.beep);
    if (source.kind === 'captions') {
      return new CaptionsSource(source, textBox(layer, state), this.#context.words);
    }
    if (source.kind === 'generate') {
      return new GeneratedSource(layer.id, this.#context.token, nowUs, generatedStream(layer, state));
    }
    const url = new URL(MEDIA_PATH + encodeURIComponent(source.mediaId), httpOrigin).href;
    const name = state.project.media.find((media) => media.id === source.mediaId)?.name ?? source.mediaId;
    if (source.kind === 'image') return new ImageSource(url, name, nowUs);
    return new FilmSource(url, name, filmPosition(layer, state, source.loop));
  }

  #updateSource(layer: Layer, state: LiveState): void {
    const { source } = layer;
    if (this.#source instanceof FilmSource && source.kind === 'film') {
      this.#source.move(filmPosition(layer, state, source.loop));
    } else if (this.#source instanceof TextSource && source.kind === 'text') {
      this.#source.update(source, textBox(layer, state));
    } else if (this.#source instanceof TestCardSource && source.kind === 'test-card') {
      this.#source.setBeep(source.beep);
    } else if (this.#source instanceof CaptionsSource && source.kind === 'captions') {
      this.#source.update(source, textBox(layer, state));
    } else if (this.#source instanceof GeneratedSource) {
      this.#source.update(generatedStream(layer, state));
    }
  }

  #updateEngine(layer: Layer, state: LiveState): void {
    const live = state.layers[layer.id];
    const settings = layer.engine;
    if (settings === null || !settings.enabled || live === undefined) {
      this.#engine?.dispose();
      this.#engine = null;
      return;
    }
    const engine = state.engines.animate;
    if (this.#engine !== null) this.#engine.update(settings, live, engine);
    else {
      const { token, nowUs } = this.#context;
      this.#engine = new EngineLayer(layer.id, token, nowUs, settings, live, engine);
    }
  }
}

/** Another key means another source, not another setting of the same one. */
function sourceKey(layer: Layer, state: LiveState): string {
  const { source } = layer;
  const { width, height } = state.project.programme;
  if (source.kind === 'test-card') return `test-card ${width}×${height}`;
  if (source.kind !== 'film' && source.kind !== 'image') return source.kind;
  const path = state.project.media.find((media) => media.id === source.mediaId)?.path ?? '';
  return `${source.kind} ${source.mediaId} ${path}`;
}

/** Sources that may fail because a file is away, and work once it is back. */
function opensFiles(source: LayerSource): boolean {
  return source instanceof FilmSource || source instanceof ImageSource;
}

/** A layer that the snapshot does not know yet has a stream nobody serves. */
function generatedStream(layer: Layer, state: LiveState): GeneratedStream {
  const live = state.layers[layer.id];
  const unknown = { epoch: 0, controlVersion: 0, controlInputUs: 0, unknownWords: [] };
  return { streamId: live?.streamId ?? -1, live: live?.generated ?? unknown, engine: state.engines.generate };
}

function filmPosition(layer: Layer, state: LiveState, loop: boolean) {
  const live = state.layers[layer.id];
  return { originUs: live?.originUs ?? 0, pausedAtUs: live?.pausedAtUs ?? null, loop };
}

function textBox(layer: Layer, state: LiveState): TextBox {
  const { width, height } = state.project.programme;
  const most = MAX_TEXT_SCALE * height;
  return {
    width: Math.min(layer.transform.width * width, most * 2),
    height: Math.min(layer.transform.height * height, most),
    programmeHeight: height,
  };
}
