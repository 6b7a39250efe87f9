import type { ModelListing } from '../../../contract/models';
import { formatBytes } from '../model/time-format';
import { fetchedBytes, type ModelVerb } from './model-verbs';

/** What is asked before a model is deleted or its download cancelled. */
export function questionWords(
  model: ModelListing,
  verb: ModelVerb,
): { title: string; text: string; yes: string; no: string } {
  if (verb === 'cancel') {
    const text = `${formatBytes(fetchedBytes(model))} were fetched. They are deleted, but for files that other models need.`;
    return { title: `Cancel the download of ${model.name}?`, text, yes: 'Cancel it', no: 'No, keep it' };
  }
  const room = model.bytes ?? model.haveBytes;
  const text =
    room > 0
      ? `It gives back up to ${formatBytes(room)}; files that other models share stay.`
      : 'Files that other models share stay.';
  return { title: `Delete ${model.name}?`, text, yes: 'Delete', no: 'No, keep it' };
}
