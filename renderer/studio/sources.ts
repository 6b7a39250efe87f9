import {
  DEFAULT_ANIMATE,
  DEFAULT_CAPTION_LAYER,
  DEFAULT_GENERATE,
  FULL_FRAME,
  type AnimateSettings,
  type Layer,
  type Source,
  type Transform,
} from '../../contract/project';
import { placed } from './model/geometry';
import { FIRST_TEXT, copyOf, freeName, newLayer, newStrip } from './model/new-items';
import { SOURCE_WORDS } from './model/words';
import type { Device } from './ports';
import type { Studio } from './studio.svelte';
import { mediaKind } from './uploads.svelte';

/** "Whatever is there": matched to the first device by the capture side. */
export const ANY_DEVICE: Device = { deviceId: '', label: '' };

/** Adds a camera layer. */
export function addCamera(studio: Studio, device: Device, engine: AnimateSettings | null = null): void {
  addLayer(studio, device.label || SOURCE_WORDS.camera, { kind: 'camera', device }, engine);
}

/**
 * The shortest way on stage: a camera driven by the engine with a first prompt, and a
 * microphone if there is no strip yet.
 */
export function animateMyCamera(studio: Studio): void {
  addCamera(studio, ANY_DEVICE, DEFAULT_ANIMATE);
  if (studio.project?.strips.length === 0) addMicrophone(studio, ANY_DEVICE);
}

/** Adds a text layer. */
export function addText(studio: Studio): void {
  addLayer(studio, SOURCE_WORDS.text, FIRST_TEXT);
}

/** Adds a picture that is made from words, over the whole programme. */
export function addMadePicture(studio: Studio): void {
  addLayer(studio, SOURCE_WORDS.generate, DEFAULT_GENERATE);
  studio.inspectorPage = 'source';
}

/** Adds captions in the lower third, and begins to listen where nothing is listened to yet. */
export function addCaptions(studio: Studio): void {
  const layer = addLayer(studio, SOURCE_WORDS.captions, DEFAULT_CAPTION_LAYER);
  if (!layer) return;
  studio.inspectorPage = 'engine';
  if (!studio.project?.captions.enabled) {
    void studio.command({ type: 'captions.update', patch: { enabled: true } });
  }
}

/** Adds the test card and a strip for its beep. */
export function addTestCard(studio: Studio): void {
  const layer = addLayer(studio, SOURCE_WORDS['test-card'], { kind: 'test-card', beep: true });
  if (layer) addLayerStrip(studio, layer);
}

/** Takes files in: films and images become layers (films with their sound), sounds become strips. */
export async function addFiles(studio: Studio, files: Iterable<File>): Promise<void> {
  for (const file of files) {
    const kind = mediaKind(file);
    const media = await studio.uploads.add(file);
    if (!media) continue;
    if (kind === 'sound') addStrip(studio, media.name, { kind: 'file', mediaId: media.id, loop: true });
    else if (kind === 'image') await addPicture(studio, media.name, { kind: 'image', mediaId: media.id });
    else {
      const layer = await addPicture(studio, media.name, { kind: 'film', mediaId: media.id, loop: true });
      if (layer) addLayerStrip(studio, layer);
    }
  }
}

/** Adds a microphone strip. */
export function addMicrophone(studio: Studio, device: Device): void {
  addStrip(studio, device.label || 'Microphone', { kind: 'microphone', device });
}

/** Adds a strip that carries a layer's sound. */
export function addLayerStrip(studio: Studio, layer: Layer): void {
  addStrip(studio, layer.name, { kind: 'layer', layerId: layer.id });
}

/** Adds a copy of a layer right above it. */
export function duplicateLayer(studio: Studio, layer: Layer): void {
  const { scene } = studio;
  if (!scene) return;
  const copy = copyOf(
    layer,
    scene.layers.map((one) => one.name),
  );
  const index = scene.layers.findIndex((one) => one.id === layer.id) + 1;
  void studio.command({ type: 'layer.add', sceneId: scene.id, layer: copy, index });
  studio.select(copy.id);
}

/** Lets the browser choose files and takes them in. */
export function chooseFiles(studio: Studio, accept: string): void {
  const field = document.createElement('input');
  field.type = 'file';
  field.accept = accept;
  field.multiple = true;
  field.addEventListener('change', () => void addFiles(studio, [...(field.files ?? [])]), { once: true });
  field.click();
}

/** Adds a film or image with its own proportions. */
async function addPicture(studio: Studio, wanted: string, source: Source): Promise<Layer | null> {
  const natural = await studio.sizes.of(source);
  const frame = studio.project?.programme;
  const transform =
    natural && frame ? placed(FULL_FRAME, 'fit', frame, natural.width / natural.height) : FULL_FRAME;
  return addLayer(studio, wanted, source, null, transform);
}

function addLayer(
  studio: Studio,
  wanted: string,
  source: Source,
  engine: AnimateSettings | null = null,
  transform?: Transform,
): Layer | null {
  const { scene } = studio;
  if (!scene) return null;
  const name = freeName(
    wanted.slice(0, 190),
    scene.layers.map((one) => one.name),
  );
  const made = newLayer(name, source, engine);
  const layer = transform ? { ...made, transform } : made;
  void studio.command({ type: 'layer.add', sceneId: scene.id, layer });
  studio.select(layer.id);
  return layer;
}

function addStrip(studio: Studio, wanted: string, source: Parameters<typeof newStrip>[1]): void {
  const taken = studio.project?.strips.map((strip) => strip.name) ?? [];
  const strip = newStrip(freeName(wanted.slice(0, 190), taken), source);
  void studio.command({ type: 'strip.add', strip });
}
