import { ERROR_TABLE, type StudioErrorShape } from '../../../contract/errors';
import type { EngineName, Provider, Quality } from '../../../contract/engine';
import type { CameraBackend, DestinationLive, EngineLive } from '../../../contract/live';
import type { Layer, Source } from '../../../contract/project';
import type { CompositorBackend, LayerCondition } from '../../../contract/stage';

/** What a source is called in the interface. */
export const SOURCE_WORDS: Readonly<Record<Source['kind'], string>> = {
  camera: 'Camera',
  film: 'Film',
  image: 'Image',
  text: 'Text',
  'test-card': 'Test card',
  generate: 'Made picture',
  captions: 'Captions',
};

/** What a compositor is called in the health line. */
export const BACKEND_WORDS: Readonly<Record<CompositorBackend, string>> = {
  canvas2d: 'Canvas 2D',
  webgl2: 'WebGL 2',
  webgpu: 'WebGPU',
};

/** The state of a destination in a streamer's words. */
export const DESTINATION_WORDS: Readonly<Record<DestinationLive['state'], string>> = {
  idle: 'Ready',
  connecting: 'Connecting',
  live: 'Live',
  reconnecting: 'Reconnecting',
  stopped: 'Stopped',
};

/** The state of an engine in a streamer's words. */
export const ENGINE_WORDS: Readonly<Record<EngineLive['state'], string>> = {
  stopped: 'Off',
  starting: 'Starting',
  ready: 'Ready',
  restarting: 'Restarting',
  failed: 'Failed',
};

/** What each engine does, in two words. */
export const ENGINE_NAMES: Readonly<Record<EngineName, string>> = {
  animate: 'Repainting',
  generate: 'Made pictures',
  captions: 'Captions',
  binaural: 'Placed sound',
};

/** How good an engine's pictures are: the tier in force, and whether it was chosen or is less than the best. */
export function qualityWords({ tier, labels, pinned }: Quality): string {
  const label = labels[tier] ?? '–';
  if (pinned) return `${label}, chosen`;
  return tier === 0 ? `${label}, best` : `${label} of ${labels[0]}`;
}

/** What each thing that a model can run on is called. */
export const PROVIDER_NAMES: Readonly<Record<Provider, string>> = {
  auto: 'Automatic: the fastest that is right',
  cpu: 'Processor',
  cuda: 'CUDA (NVIDIA)',
  dml: 'DirectML (Windows)',
  coreml: 'Core ML (macOS)',
  webgpu: 'WebGPU',
};

/** What each way to appear as a camera is called. */
export const CAMERA_WORDS: Readonly<Record<CameraBackend, string>> = {
  v4l2loopback: 'Camera device',
  pipewire: 'PipeWire camera',
  obs: 'OBS virtual camera',
};

/** The sentence for an error: the table's, which people read, and the details, which help. */
export function errorWords(error: StudioErrorShape): { title: string; detail: string } {
  const title = ERROR_TABLE[error.code][1];
  return { title, detail: error.message === title ? '' : error.message };
}

/** What is wrong with a strip, in two words that fit its width. */
export function stripTroubleWords(error: Pick<StudioErrorShape, 'code'>): string {
  if (error.code === 'device.missing') return 'Mic missing';
  if (error.code === 'device.denied') return 'Mic denied';
  if (error.code === 'device.lost') return 'No signal';
  if (error.code === 'media.missing') return 'File missing';
  if (error.code === 'media.unsupported') return 'Cannot play';
  return 'No sound';
}

/** What is wrong with a layer in two or three words; null when all is well. */
export function conditionWords(layer: Layer, condition: LayerCondition | undefined): string | null {
  if (!condition || condition.condition === 'ok') return null;
  if (condition.error?.origin === 'engine') return 'Engine failed';
  if (condition.error?.code === 'device.denied') return 'Access denied';
  if (condition.error?.code === 'device.missing') return 'Not connected';
  if (condition.error?.code === 'media.missing') return 'File missing';
  if (condition.error?.code === 'media.unsupported') return 'Cannot be played';
  if (condition.condition === 'lost') return layer.source.kind === 'camera' ? 'Camera lost' : 'Source lost';
  if (condition.condition === 'waiting') return 'Waiting for picture';
  return 'Failed';
}
