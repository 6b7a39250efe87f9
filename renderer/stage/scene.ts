import type { CaptionUpdate } from '../../contract/captions';
import type { LiveState } from '../../contract/live';
import type { EngineStats, LayerCondition } from '../../contract/stage';
import type { DrawItem } from './compositor/compositor';
import { HeardWords } from './heard-words';
import { SceneLayer, type LayerContext } from './scene-layer';
import { CameraSource } from './sources/camera';

type Camera = { source: CameraSource; known: boolean };

/** What the scene needs of the stage. */
export type SceneContext = Omit<LayerContext, 'camera' | 'words'> & {
  /** A layer's condition changed. */
  conditionChanged: (condition: LayerCondition) => void;
  /** A layer could not give its picture. */
  failed: (error: unknown) => void;
};

/**
 * The scenes as the last snapshot has them: sources and engines of their visible layers, made
 * and disposed of as layers come and go. Those of scenes that are not on air stand by, so that
 * a take shows its first picture at once. Cameras are kept even for hidden layers, because
 * the window hands each one over only once.
 */
export class Scene {
  readonly #context: SceneContext;
  readonly #layers = new Map<string, SceneLayer>();
  readonly #cameras = new Map<string, Camera>();
  /** What was last told of each layer. */
  readonly #conditions = new Map<string, LayerCondition>();
  readonly #heard = new HeardWords();
  #state: LiveState | null = null;
  /** Visible layers of the scene on air, bottom first. */
  #order: string[] = [];
  /** Visible layers of the other scenes. */
  #standby: string[] = [];

  constructor(context: SceneContext) {
    this.#context = context;
  }

  /** Takes a snapshot. */
  update(state: LiveState): void {
    if (state.captions.epoch !== this.#state?.captions.epoch) this.#heard.clear();
    this.#state = state;
    const { scenes, activeSceneId } = state.project;
    const visible = scenes.flatMap((scene) => scene.layers).filter((layer) => layer.visible);
    const onAir = scenes.find(({ id }) => id === activeSceneId)?.layers ?? [];
    this.#order = onAir.filter((layer) => layer.visible).map((layer) => layer.id);
    this.#standby = visible.map((layer) => layer.id).filter((id) => !this.#order.includes(id));
    const wanted = new Set(visible.map((layer) => layer.id));
    for (const [id, layer] of this.#layers) {
      if (wanted.has(id)) continue;
      layer.dispose();
      this.#layers.delete(id);
      // Told once more: what was wrong with a layer that is gone must not stay on screen.
      this.#tell({ layerId: id, condition: 'ok', error: null });
      this.#conditions.delete(id);
    }
    for (const layer of visible) {
      const present = this.#layers.get(layer.id);
      if (present !== undefined) present.update(layer, state);
      else this.#layers.set(layer.id, new SceneLayer(layer, state, this.#layerContext()));
    }
    this.#dropCameras(state);
  }

  /** The frames of a camera layer, of whichever scene. */
  attachCamera(layerId: string, frames: ReadableStream<VideoFrame>): void {
    this.#camera(layerId).attach(frames);
  }

  /** Words were heard. */
  heard(update: CaptionUpdate): void {
    this.#heard.take(update);
  }

  /** The window says what is wrong with a layer's camera. */
  cameraLost(condition: LayerCondition): void {
    this.#camera(condition.layerId).lost({ condition: condition.condition, error: condition.error });
  }

  /** What to draw for this tick, bottom first. */
  items(tickUs: number): DrawItem[] {
    const programme = this.#state?.project.programme;
    if (programme === undefined) return [];
    const items: DrawItem[] = [];
    for (const id of this.#order) {
      try {
        const item = this.#layers.get(id)?.item(tickUs, programme) ?? null;
        if (item !== null) items.push(item);
      } catch (error) {
        // One layer must not take the programme down; it is left out of this picture.
        this.#context.failed(error);
      }
    }
    for (const id of this.#standby) this.#layers.get(id)?.warm(tickUs);
    return items;
  }

  /** The tick is drawn: measures what it shows and tells changed conditions. */
  drawn(): void {
    for (const id of this.#order) this.#layers.get(id)?.drawn();
    for (const layer of this.#layers.values()) this.#tell(layer.condition);
  }

  /** Tells all conditions again: somebody new listens. */
  retell(): void {
    this.#conditions.clear();
  }

  /** Another window's stage works with the engines: leaves them to it until the next snapshot. */
  rest(): void {
    for (const layer of this.#layers.values()) layer.rest();
  }

  /** Figures of each engine layer in the last second; `nowMs` is `performance.now()`. */
  readEngineStats(nowMs: number): EngineStats[] {
    return this.#order.flatMap((id) => this.#layers.get(id)?.readEngineStats(nowMs) ?? []);
  }

  dispose(): void {
    for (const layer of this.#layers.values()) layer.dispose();
    for (const camera of this.#cameras.values()) camera.source.dispose();
    this.#layers.clear();
    this.#cameras.clear();
    this.#order = [];
  }

  #layerContext(): LayerContext {
    const { httpOrigin, token, nowUs } = this.#context;
    return {
      httpOrigin,
      token,
      nowUs,
      words: () => this.#heard.words,
      camera: (layerId) => this.#camera(layerId),
    };
  }

  #camera(layerId: string): CameraSource {
    const present = this.#cameras.get(layerId);
    if (present !== undefined) return present.source;
    const source = new CameraSource(this.#context.nowUs);
    this.#cameras.set(layerId, { source, known: false });
    return source;
  }

  /** Gives up cameras whose layer is gone; one that arrived before its layer's snapshot is kept. */
  #dropCameras(state: LiveState): void {
    const layers = state.project.scenes.flatMap((scene) => scene.layers);
    const cameraLayers = new Set(layers.filter(({ source }) => source.kind === 'camera').map(({ id }) => id));
    for (const [id, camera] of this.#cameras) {
      if (cameraLayers.has(id)) camera.known = true;
      else if (camera.known) {
        camera.source.dispose();
        this.#cameras.delete(id);
      }
    }
  }

  #tell(condition: LayerCondition): void {
    const said = this.#conditions.get(condition.layerId);
    if (said !== undefined && sameCondition(said, condition)) return;
    this.#conditions.set(condition.layerId, condition);
    this.#context.conditionChanged(condition);
  }
}

/** Called for each layer at each tick: compares without making anything. */
function sameCondition(a: LayerCondition, b: LayerCondition): boolean {
  return (
    a.condition === b.condition &&
    (a.error === b.error ||
      (a.error?.code === b.error?.code &&
        a.error?.message === b.error?.message &&
        a.error?.origin === b.error?.origin &&
        a.error?.cause === b.error?.cause))
  );
}
