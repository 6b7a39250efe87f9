/// <reference types="dom-mediacapture-transform" />
import type { LiveState } from '../../contract/live';
import { CameraFeed, type CameraStage } from './camera-feed';
import { listDevices, type DeviceList, type SavedDevice } from './devices';

/**
 * Opens the cameras that the project's layers show and gives their frames to the stage.
 * Cameras of scenes that are not on air stay open too, so that a take is a cut and not a wait.
 */
export class Cameras {
  readonly #stage: CameraStage;
  readonly #feeds = new Map<string, CameraFeed>();
  readonly #listeners = new Set<(devices: DeviceList) => void>();
  readonly #abort = new AbortController();

  constructor(options: { stage: CameraStage }) {
    this.#stage = options.stage;
    navigator.mediaDevices.addEventListener('devicechange', () => void this.#tellDevices(), {
      signal: this.#abort.signal,
    });
  }

  /** Opens and closes cameras so that they fit the snapshot. */
  apply(state: LiveState): void {
    if (this.#abort.signal.aborted) return;
    const wanted = cameraLayers(state);
    this.#detachUnwanted(wanted);
    for (const [layerId, device] of wanted) {
      const feed = this.#feedOf(device);
      if (!feed.layerIds.includes(layerId)) feed.attach(layerId);
    }
  }

  /** The connected cameras and microphones; names are blank until a permission was given. */
  devices(): Promise<DeviceList> {
    return listDevices();
  }

  /** Called whenever devices come, go or get a name; the result stops it. */
  onDevices(listener: (devices: DeviceList) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Asks again for cameras that were refused. */
  retry(): void {
    for (const feed of this.#feeds.values()) feed.retry();
  }

  /** Closes every camera. */
  dispose(): void {
    this.#abort.abort();
    this.#listeners.clear();
    for (const feed of this.#feeds.values()) feed.dispose();
    this.#feeds.clear();
  }

  #detachUnwanted(wanted: ReadonlyMap<string, SavedDevice>): void {
    for (const [key, feed] of this.#feeds) {
      for (const layerId of feed.layerIds) {
        const device = wanted.get(layerId);
        if (!device || keyOf(device) !== key) feed.detach(layerId);
      }
      const stillUsed = [...wanted.values()].some((device) => keyOf(device) === key);
      if (stillUsed) continue;
      feed.dispose();
      this.#feeds.delete(key);
    }
  }

  #feedOf(device: SavedDevice): CameraFeed {
    const key = keyOf(device);
    const present = this.#feeds.get(key);
    if (present) return present;
    const feed = new CameraFeed(this.#stage, device, () => void this.#tellDevices());
    this.#feeds.set(key, feed);
    return feed;
  }

  async #tellDevices(): Promise<void> {
    const devices = await listDevices();
    for (const listener of this.#listeners) listener(devices);
  }
}

/** Device by layer id, of all camera layers. */
function cameraLayers(state: LiveState): Map<string, SavedDevice> {
  const layers = state.project.scenes.flatMap((scene) => scene.layers);
  return new Map(
    layers.flatMap(({ id, source }) => (source.kind === 'camera' ? [[id, source.device] as const] : [])),
  );
}

function keyOf({ deviceId, label }: SavedDevice): string {
  return JSON.stringify([deviceId, label]);
}
