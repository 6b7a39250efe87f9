import { StudioError } from '../../../contract/errors';
import type { ModelListing, ModelShelf, ModelTier, ModelTransfer } from '../../../contract/models';
import { listing, shelfOf } from '../../../renderer/studio/models/testing/listing';

const TERMS =
  'You may use the model and what it makes, also for money, but not to deceive: pictures of real people must say that they are made. Whoever passes the model on passes these terms on.';

function transfer(patch: Partial<ModelTransfer> = {}): ModelTransfer {
  return {
    doneBytes: 0.86e9,
    totalBytes: 3.98e9,
    bytesPerSecond: 12.4e6,
    etaS: 252,
    file: 'unet/model.onnx_data',
    retrying: null,
    ...patch,
  };
}

function shipped(id: string, name: string, task: ModelListing['engine'], bytes: number): ModelListing {
  return listing({
    id,
    name,
    task: task ?? '',
    engine: task,
    bytes,
    haveBytes: bytes,
    source: 'trained here: native-models/train',
    licence: { id: 'MIT', url: 'https://opensource.org/license/mit', terms: null, accepted: false },
    shipped: true,
    state: 'installed',
    inUse: true,
  });
}

const lost = new StudioError(
  'engine',
  'model.download-failed',
  'The server models.example closed the connection after 1.1 of 2.5 GB, five times in a row.',
).toShape();

const corrupt = new StudioError(
  'studio',
  'model.corrupt',
  'The file encoder.onnx must have the SHA-256 of the catalogue, got another one. Get it again.',
).toShape();

const wont = {
  verdict: 'wont',
  why: 'Needs a graphics card with 24 GB, this machine has none.',
  predictedFps: null,
  resultOf: null,
} as const;

/** One model in each state, and some that are out of the ordinary. */
export function allStates(): ModelShelf {
  return shelfOf([
    shipped('animate-mini', 'Animate mini', 'animate', 16e6),
    shipped('scenes', 'Scenes', 'generate', 22e6),
    shipped('captions-mini', 'Captions mini', 'captions', 31e6),
    shipped('binaural-mini', 'Binaural mini', 'binaural', 1.3e6),
    listing({ id: 'animate-ink', name: 'Animate ink', state: 'installed', bytes: 412e6, haveBytes: 412e6 }),
    listing({
      id: 'sd-turbo',
      name: 'Stable Diffusion Turbo, repacked for streaming with four steps and a distilled decoder',
      tier: '8gb',
      bytes: 3.98e9,
      state: 'absent',
      licence: { id: 'OpenRAIL++-M', url: 'https://models.example/openrail', terms: TERMS, accepted: false },
      fit: {
        verdict: 'tight',
        why: 'Needs 6.2 GB of memory, 6.9 GB are free. Close other programs before a show.',
        predictedFps: null,
        resultOf: null,
      },
    }),
    listing({
      id: 'animate-cinema',
      name: 'Animate cinema',
      tier: '24gb',
      bytes: 3.98e9,
      state: 'downloading',
      transfer: transfer(),
      fit: wont,
    }),
    listing({
      id: 'scenes-wide',
      name: 'Scenes wide',
      task: 'generate',
      engine: 'generate',
      bytes: 2.5e9,
      haveBytes: 1.1e9,
      state: 'failed',
      error: lost,
    }),
    listing({
      id: 'scenes-night',
      name: 'Scenes night',
      task: 'generate',
      engine: 'generate',
      bytes: 940e6,
      state: 'paused',
      transfer: transfer({ doneBytes: 395e6, totalBytes: 940e6, bytesPerSecond: 0, etaS: null, file: null }),
    }),
    listing({
      id: 'captions-german',
      name: 'Captions German',
      task: 'captions',
      engine: 'captions',
      languages: ['de'],
      bytes: 118e6,
      state: 'damaged',
      error: corrupt,
    }),
    listing({
      id: 'captions-many',
      name: 'Captions, many languages',
      task: 'captions',
      engine: 'captions',
      languages: ['en', 'de', 'fr', 'es', 'it', 'pt', 'pl', 'uk', 'nl', 'sv', 'ja'],
      bytes: null,
      hashesKnown: false,
      state: 'downloading',
      transfer: transfer({ doneBytes: 84e6, totalBytes: 0, etaS: null, bytesPerSecond: 3.1e6 }),
    }),
    listing({ id: 'voices', name: 'Voices', task: 'binaural', engine: 'binaural', state: 'verifying' }),
    listing({
      id: 'modnet',
      name: 'MODNet',
      task: 'matting',
      engine: null,
      languages: [],
      bytes: null,
      hashesKnown: false,
      withoutAddress: ['onnx/model.onnx', 'onnx/model.onnx_data', 'preprocessor_config.json'],
      licence: { id: 'Apache-2.0', url: null, terms: null, accepted: false },
    }),
    listing({
      id: 'upscale-2x',
      name: 'Upscale compact 2×',
      task: 'upscale',
      engine: null,
      languages: [],
      bytes: 2.4e6,
      state: 'waiting',
      transfer: transfer({ doneBytes: 0, totalBytes: 2.4e6, bytesPerSecond: 0, etaS: null, file: null }),
    }),
  ]);
}

/** Forty models, half of them with long names, on a machine that was measured. */
export function manyModels(): ModelShelf {
  const tasks = ['animate', 'generate', 'captions', 'binaural', 'upscale'] as const;
  const tiers: readonly ModelTier[] = ['cpu', '8gb', '24gb', '80gb'];
  const models = Array.from({ length: 40 }, (_, index) => {
    const task = tasks[index % tasks.length] ?? 'animate';
    const number = String(index + 1).padStart(2, '0');
    return listing({
      id: `many-${number}`,
      name:
        index % 2 === 0
          ? `Model ${number}`
          : `Model ${number}, the second revision for film and theatre with_an_unbreakable_part_of_its_name_that_is_longer_than_a_row`,
      task,
      engine: task === 'upscale' ? null : task,
      tier: tiers[index % tiers.length] ?? 'cpu',
      state: index % 3 === 0 ? 'installed' : 'absent',
      fit:
        index % 4 === 3
          ? wont
          : {
              verdict: 'fits',
              why: 'There is room for it.',
              predictedFps: 0.4 + 3.2 * index,
              resultOf: 'a picture of 512 × 512',
            },
    });
  });
  return shelfOf(models, { referenceMs: 14.2, usedBytes: 17.3e9, freeBytes: 1.4e9 });
}

/** The model that the captions need is not here. */
export function captionsMissing(): ModelShelf {
  const { models, ...disk } = allStates();
  const missing = models.map((model) =>
    model.id === 'captions-mini'
      ? { ...model, shipped: false, haveBytes: 0, state: 'absent' as const }
      : model,
  );
  return { ...disk, models: missing };
}
