import type { ModelListing } from '../../../contract/models';
import { TIER_WORDS, taskWords } from './model-words';

/** What the list is narrowed to. */
export type ModelFilter = { text: string; fits: boolean; here: boolean };

/** Models of one task; `later` marks what no engine of this studio runs yet. */
export type ModelGroup = { key: string; title: string; later: boolean; models: readonly ModelListing[] };

/** Order of the tasks that the studio's engines do; others follow by name. */
const TASK_ORDER = ['animate', 'generate', 'captions', 'binaural'];

/** Whether a filter lets a model through. */
export function matches(model: ModelListing, filter: ModelFilter): boolean {
  if (filter.fits && model.fit.verdict === 'wont') return false;
  if (filter.here && model.state !== 'installed' && model.state !== 'damaged') return false;
  const words = [
    model.name,
    model.id,
    taskWords(model.task),
    TIER_WORDS[model.tier],
    model.licence.id,
    ...model.languages,
  ]
    .join(' ')
    .toLowerCase();
  return filter.text
    .toLowerCase()
    .split(/\s+/)
    .every((part) => words.includes(part));
}

/** The models by task, those of engines first, in each group by name; empty groups are left out. */
export function groupModels(models: readonly ModelListing[]): ModelGroup[] {
  const groups = new Map<string, ModelListing[]>();
  for (const model of models) {
    const key = `${model.engine === null ? 'later' : 'now'}:${model.task}`;
    groups.set(key, [...(groups.get(key) ?? []), model]);
  }
  return [...groups]
    .map(([key, own]) => ({
      key,
      title: taskWords(own[0]?.task ?? ''),
      later: key.startsWith('later:'),
      models: own.toSorted((a, b) => a.name.localeCompare(b.name) || a.id.localeCompare(b.id)),
    }))
    .toSorted(
      (a, b) =>
        Number(a.later) - Number(b.later) ||
        placeOf(a.key) - placeOf(b.key) ||
        a.title.localeCompare(b.title),
    );
}

function placeOf(key: string): number {
  const place = TASK_ORDER.indexOf(key.slice(key.indexOf(':') + 1));
  return place < 0 ? TASK_ORDER.length : place;
}

/** Where a key of a list leads from a place in it; null for keys that lead nowhere. */
export function placeAfter(key: string, place: number, count: number, page: number): number | null {
  if (count === 0) return null;
  const steps: Readonly<Record<string, number>> = {
    ArrowDown: place + 1,
    ArrowUp: place < 0 ? 0 : place - 1,
    PageDown: place + page,
    PageUp: place - page,
    Home: 0,
    End: count - 1,
  };
  const next = steps[key];
  return next === undefined ? null : Math.min(count - 1, Math.max(0, next));
}

/**
 * The model to show first: the one asked for, else what is in need among those of an engine
 * (or of all), else what is in use, else the first.
 */
export function firstChoice(
  models: readonly ModelListing[],
  asked: { modelId?: string | undefined; engine?: string | undefined },
): string | null {
  const named = models.find((model) => model.id === asked.modelId);
  if (named) return named.id;
  const own = asked.engine ? models.filter((model) => model.engine === asked.engine) : models;
  const ill = own.find((model) => model.state === 'damaged' || model.state === 'failed');
  const lacking = own.find((model) => model.inUse && model.state !== 'installed');
  const used = asked.engine ? own.find((model) => model.inUse) : undefined;
  return (lacking ?? ill ?? used ?? own[0] ?? models[0])?.id ?? null;
}
