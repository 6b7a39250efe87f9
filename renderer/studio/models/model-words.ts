import type { StudioErrorShape } from '../../../contract/errors';
import type { ModelCheck, ModelFit, ModelListing, ModelTier } from '../../../contract/models';
import { errorWords } from '../model/words';
import { formatBytes } from '../model/time-format';
import { mustImport } from './model-verbs';
import { FIGURE_SPACE, transferWords } from './transfer-words';

/** What models are for, in a streamer's words. */
const TASKS: Readonly<Record<string, string>> = {
  animate: 'Animate a picture',
  generate: 'Endless picture',
  captions: 'Captions',
  binaural: 'Placed voices',
  avatar: 'Drive a character',
  matting: 'Cut people out',
  upscale: 'Enlarge a picture',
  codec: 'Picture codecs',
};

/** What a task is called; one that is not known here keeps its own name. */
export function taskWords(task: string): string {
  const known = Object.hasOwn(TASKS, task) ? TASKS[task] : undefined;
  return known ?? `${task.charAt(0).toUpperCase()}${task.slice(1).replaceAll('-', ' ')}`;
}

/** The machine a model is meant for. */
export const TIER_WORDS: Readonly<Record<ModelTier, string>> = {
  cpu: 'Any machine',
  '8gb': '8 GB card',
  '24gb': '24 GB card',
  '80gb': '80 GB card',
};

/** Whether it runs here. */
export const VERDICT_WORDS: Readonly<Record<ModelFit['verdict'], string>> = {
  fits: 'Fits',
  tight: 'Tight',
  wont: 'Won’t run',
};

/** `1.2 GB`, or that the size is not known. */
export function sizeWords(bytes: number | null): string {
  return bytes === null ? 'Size not known' : formatBytes(bytes);
}

/** New results a second that are expected here; empty where nothing can be said. `measured`: whether this machine was. */
export function speedWords({ predictedFps, resultOf }: ModelFit, measured: boolean): string {
  if (predictedFps === null) return measured || resultOf === null ? '' : 'Not measured';
  if (predictedFps < 1) return 'below 1 fps';
  return `about ${predictedFps < 10 ? predictedFps.toFixed(1) : Math.round(predictedFps)} fps`;
}

/** Where a model stands, in a few words; its progress while it is on its way. */
export function stateWords(model: ModelListing): string {
  switch (model.state) {
    case 'absent':
      if (mustImport(model)) return importNeededWords(model);
      return model.haveBytes > 0 ? `${formatBytes(model.haveBytes)} are here already` : 'Not on this disk';
    case 'waiting':
      return 'Waiting for its turn';
    case 'downloading':
      return progressWords(model, 'Fetching');
    case 'paused':
      return progressWords(model, 'Paused');
    case 'verifying':
      return 'Checking its files';
    case 'failed':
      return model.error ? titleOf(model.error) : 'The download failed';
    case 'installed':
      return model.shipped ? 'Comes with the studio' : 'On this disk';
    case 'damaged':
      return model.error ? titleOf(model.error) : 'A file is missing or damaged';
  }
}

/** The table's sentence without its full stop: more words follow on the same line. */
function titleOf(error: StudioErrorShape): string {
  return errorWords(error).title.replace(/\.$/, '');
}

/** What a model needs that cannot be fetched, and why. */
function importNeededWords({ withoutAddress }: ModelListing): string {
  const [first = '', ...rest] = withoutAddress;
  const more = rest.length > 0 ? ` and ${rest.length} more` : '';
  return `Import it: no address for ${first}${more}`;
}

/** What came of a check that found nothing wrong. */
export function checkWords({ files, bytes, atMs }: ModelCheck): string {
  const what = files === 1 ? 'Its file is' : files === 2 ? 'Both files are' : `All ${files} files are`;
  const time = new Intl.DateTimeFormat('en', { timeStyle: 'short', hourCycle: 'h23' }).format(atMs);
  return `${what} right: ${formatBytes(bytes)} checked at ${time}.`;
}

function progressWords({ transfer }: ModelListing, words: string): string {
  if (!transfer) return words;
  const { percent, amount } = transferWords(transfer);
  const far = percent === '' ? amount : percent;
  if (words === 'Paused') return `Paused at ${far.trim()}`;
  // The room for further digits is behind: what stands after it keeps its place.
  const wide = `${far.trim()}${FIGURE_SPACE.repeat(far.length - far.trim().length)}`;
  return isStalled(transfer) ? `${wide} · nothing comes` : wide;
}

/** Whether a download that had begun stands still. */
export function isStalled(transfer: NonNullable<ModelListing['transfer']>): boolean {
  return (
    transfer.bytesPerSecond === 0 && transfer.doneBytes > 0 && transfer.doneBytes !== transfer.totalBytes
  );
}

/** What came of taking in a folder. */
export function importWords(names: readonly string[]): string {
  if (names.length === 0) return 'Nothing there is a model that the studio knows.';
  if (names.length === 1) return `Took in ${names[0]}.`;
  return `Took in ${names.length} models: ${names.join(', ')}.`;
}

/** `English, German`: languages by name. */
export function languageWords(tags: readonly string[]): string {
  return tags.map(languageName).join(', ');
}

function languageName(tag: string): string {
  try {
    return new Intl.DisplayNames(['en'], { type: 'language' }).of(tag) ?? tag;
  } catch {
    // A catalogue may name what is no language tag.
    return tag;
  }
}
