import { toStudioError, type StudioError } from '../../contract/errors';
import type { LayerCondition } from '../../contract/stage';
import { CaptureSlot } from './capture-slot';
import type { SavedDevice } from './devices';

/** What is asked of every camera; the compositor scales what comes. */
const CONSTRAINTS: MediaTrackConstraints = {
  width: { ideal: 1280 },
  height: { ideal: 720 },
  frameRate: { ideal: 30 },
};
/** Frames that wait for the stage; the oldest is dropped. */
const MAX_WAITING_FRAMES = 2;

/** The part of the stage that takes cameras. */
export type CameraStage = {
  setCamera(layerId: string, frames: ReadableStream<VideoFrame>): void;
  cameraLost(layerId: string, condition: LayerCondition): void;
};

/** One open camera and the layers that show it, each through a clone of the one track. */
export class CameraFeed {
  readonly #stage: CameraStage;
  readonly #slot: CaptureSlot;
  readonly #clones = new Map<string, MediaStreamTrack | null>();
  #track: MediaStreamTrack | null = null;
  #error: StudioError | null = null;

  /** `onOpen` is called when a track was opened, for then the devices' names are known. */
  constructor(stage: CameraStage, device: SavedDevice, onOpen: () => void) {
    this.#stage = stage;
    this.#slot = new CaptureSlot({
      kind: 'camera',
      device,
      constraints: CONSTRAINTS,
      onTrack: (track) => {
        this.#change(track, null);
        onOpen();
      },
      onLost: (error) => this.#change(null, error),
    });
  }

  get layerIds(): string[] {
    return [...this.#clones.keys()];
  }

  /** Shows the camera in a layer. */
  attach(layerId: string): void {
    this.#clones.set(layerId, null);
    this.#serve(layerId);
  }

  /** Takes the camera away from a layer; its stream of frames ends. */
  detach(layerId: string): void {
    this.#clones.get(layerId)?.stop();
    this.#clones.delete(layerId);
  }

  /** Asks again after a refusal. */
  retry(): void {
    this.#slot.retry();
  }

  dispose(): void {
    for (const layerId of this.layerIds) this.detach(layerId);
    this.#slot.dispose();
  }

  #change(track: MediaStreamTrack | null, error: StudioError | null): void {
    this.#track = track;
    this.#error = error;
    for (const layerId of this.layerIds) this.#serve(layerId);
  }

  #serve(layerId: string): void {
    this.#clones.get(layerId)?.stop();
    this.#clones.set(layerId, null);
    if (this.#track) this.#send(layerId, this.#track.clone());
    else if (this.#error) this.#stage.cameraLost(layerId, lost(layerId, this.#error));
  }

  #send(layerId: string, clone: MediaStreamTrack): void {
    this.#clones.set(layerId, clone);
    try {
      const processor = new MediaStreamTrackProcessor({
        track: clone as MediaStreamVideoTrack,
        maxBufferSize: MAX_WAITING_FRAMES,
      });
      this.#stage.setCamera(layerId, processor.readable);
    } catch (error) {
      this.#stage.cameraLost(layerId, lost(layerId, toStudioError(error, 'stage')));
    }
  }
}

function lost(layerId: string, error: StudioError): LayerCondition {
  return { layerId, condition: 'lost', error: error.toShape() };
}
