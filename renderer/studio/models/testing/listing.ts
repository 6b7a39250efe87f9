import type { ModelListing, ModelShelf } from '../../../../contract/models';

/** A model of the catalogue that is not here yet, for tests; `patch` says what differs. */
export function listing(patch: Partial<ModelListing> = {}): ModelListing {
  return {
    id: 'animate-large',
    name: 'Animate large',
    task: 'animate',
    engine: 'animate',
    version: '1.0.0',
    tier: 'cpu',
    source: 'https://models.example/animate-large',
    licence: { id: 'MIT', url: 'https://models.example/licence', terms: null, accepted: false },
    languages: ['en'],
    shipped: false,
    hashesKnown: true,
    withoutAddress: [],
    checked: null,
    bytes: 1.2e9,
    haveBytes: 0,
    state: 'absent',
    transfer: null,
    error: null,
    fit: {
      verdict: 'fits',
      why: 'Needs 2.1 GB of memory, 9.4 GB are free.',
      predictedFps: null,
      resultOf: 'a picture of 512 × 512',
    },
    inUse: false,
    ...patch,
  };
}

/** A shelf of these models on a disk with room. */
export function shelfOf(models: readonly ModelListing[], patch: Partial<ModelShelf> = {}): ModelShelf {
  return {
    models,
    folder: '/home/me/.local/share/fantascope/models',
    usedBytes: 4.2e9,
    freeBytes: 118e9,
    referenceMs: null,
    ...patch,
  };
}
