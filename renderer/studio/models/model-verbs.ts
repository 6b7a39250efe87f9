import type { ModelListing } from '../../../contract/models';

/** What can be done with a model. */
export type ModelVerb =
  'get' | 'import' | 'pause' | 'resume' | 'cancel' | 'delete' | 'verify' | 'retry' | 'mend';

/** What the buttons say. */
export const VERB_WORDS: Readonly<Record<ModelVerb, string>> = {
  get: 'Get',
  import: 'Import…',
  pause: 'Pause',
  resume: 'Go on',
  cancel: 'Cancel',
  delete: 'Delete',
  verify: 'Check files',
  retry: 'Try again',
  mend: 'Get again',
};

const FETCHING: ReadonlySet<ModelVerb> = new Set(['get', 'resume', 'retry', 'mend']);

/** Below this much a cancelled download is not worth a question. */
const LITTLE_BYTES = 20e6;

/** Whether a model can only be imported: no address is known of some of its files. */
export function mustImport(model: ModelListing): boolean {
  return model.withoutAddress.length > 0;
}

/** What can be done with a model now; the first is what Enter does. */
export function verbsOf(model: ModelListing): readonly ModelVerb[] {
  return statesVerbs(model).map((verb) => (FETCHING.has(verb) && mustImport(model) ? 'import' : verb));
}

function statesVerbs(model: ModelListing): readonly ModelVerb[] {
  switch (model.state) {
    case 'absent':
      return ['get'];
    case 'waiting':
    case 'downloading':
      return ['pause', 'cancel'];
    case 'paused':
      return ['resume', 'cancel'];
    case 'failed':
      return ['retry', 'cancel'];
    // What is held against the catalogue may have been here for long: it is not to be cancelled away.
    case 'verifying':
      return [];
    case 'installed':
      return model.shipped ? ['verify'] : ['verify', 'delete'];
    case 'damaged':
      return model.shipped ? ['verify'] : ['mend', 'verify', 'delete'];
  }
}

/** The one verb that makes most sense; null while there is only waiting. */
export function mainVerb(model: ModelListing): ModelVerb | null {
  return verbsOf(model)[0] ?? null;
}

/** Whether a verb fetches: then the licence must have been agreed to. */
export function mustAgree(model: ModelListing, verb: ModelVerb): boolean {
  return FETCHING.has(verb) && model.licence.terms !== null && !model.licence.accepted;
}

/** Whether a verb asks first: what cannot be had back for nothing does. */
export function mustAsk(model: ModelListing, verb: ModelVerb): boolean {
  if (verb === 'delete') return true;
  return verb === 'cancel' && fetchedBytes(model) > LITTLE_BYTES;
}

/** How much of a model was fetched so far. */
export function fetchedBytes(model: ModelListing): number {
  return model.transfer?.doneBytes ?? model.haveBytes;
}
