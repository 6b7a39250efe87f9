import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { ModelListing, ModelShelf } from '../../../contract/models';
import type { StudioFunctions } from '../../../contract/rpc';
import type { LinkListener } from '../control-link';
import { Session } from '../session.svelte';
import { Models } from './models.svelte';
import { listing, shelfOf } from './testing/listing';

let listener: LinkListener;
let calls: unknown[][];
let shelf: ModelShelf;
let session: Session;
let models: Models;

function tell(...all: ModelListing[]): void {
  shelf = shelfOf(all);
  listener.onModels(shelf);
}

const call =
  (verb: string) =>
  async (...more: unknown[]) => {
    calls.push([verb, ...more]);
    return { ok: true as const, value: null };
  };

beforeEach(() => {
  vi.useFakeTimers();
  calls = [];
  shelf = shelfOf([listing()]);
  const studio: Partial<StudioFunctions> = {
    watchModels: async () => {
      calls.push(['watch']);
      return { ok: true, value: shelf };
    },
    downloadModel: call('download'),
    cancelModel: call('cancel'),
    deleteModel: call('delete'),
    importModels: async (path, modelId) => {
      calls.push(['import', path, modelId]);
      if (path === '/here') return { ok: true, value: ['animate-large'] };
      return { ok: false, error: { origin: 'studio', code: 'internal', message: 'No.' } };
    },
  };
  session = new Session({
    link: { studio: studio as StudioFunctions, open: (to) => void (listener = to), close: () => {} },
    programmeUs: () => 0,
    onError: () => {},
    onModels: (told) => models.take(told),
    onOnline: () => models.online(),
  });
  models = new Models(session);
  session.open();
});

afterEach(() => {
  models.dispose();
  session.dispose();
  vi.useRealTimers();
});

test('nothing is watched before the panel is opened; then again at each return of the link', async () => {
  listener.onLink('online');
  expect(calls).toEqual([]);
  models.open({});
  await vi.advanceTimersByTimeAsync(0);
  expect(models.shelf?.models).toHaveLength(1);
  models.close();
  listener.onLink('reconnecting');
  listener.onLink('online');
  expect(calls).toEqual([['watch'], ['watch']]);
});

test('what comes faster than four times a second is shown at that pace, the newest last', async () => {
  const shown = () => models.shelf?.models[0]?.haveBytes;
  for (let haveBytes = 1; haveBytes <= 5; haveBytes += 1) tell(listing({ haveBytes }));
  expect(shown()).toBe(1);
  await vi.advanceTimersByTimeAsync(249);
  expect(shown()).toBe(1);
  await vi.advanceTimersByTimeAsync(1);
  expect(shown()).toBe(5);
  await vi.advanceTimersByTimeAsync(10_000);
  expect(vi.getTimerCount()).toBe(0);
});

test('the end of a download is said, a failure in the words of the error table', async () => {
  tell(listing({ state: 'downloading' }), listing({ id: 'b', name: 'B', state: 'downloading' }));
  await vi.advanceTimersByTimeAsync(300);
  tell(listing({ state: 'installed' }), listing({ id: 'b', name: 'B', state: 'downloading' }));
  expect(models.said).toBe('Animate large is ready to use.');
  await vi.advanceTimersByTimeAsync(300);
  const error = { origin: 'engine', code: 'model.download-failed', message: 'The server is away.' } as const;
  tell(listing({ state: 'installed' }), listing({ id: 'b', name: 'B', state: 'failed', error }));
  expect(models.said).toBe('B: The model could not be fetched.');
});

test('terms are agreed to before anything is asked of main, and only then is it said so', async () => {
  const model = listing({ licence: { id: 'X', url: null, terms: 'No deceit.', accepted: false } });
  await models.act(model, 'get');
  expect([models.question?.kind, calls]).toEqual(['licence', []]);
  await models.agree();
  await models.act(listing(), 'get');
  expect(calls).toEqual([
    ['download', 'animate-large', true],
    ['download', 'animate-large', false],
  ]);
});

test('a deletion is asked about, one of what is in use is refused with the way out', async () => {
  await models.act(listing({ state: 'installed', inUse: true }), 'delete');
  expect([models.question, models.problem?.error.code]).toEqual([null, 'model.in-use']);
  await models.act(listing({ state: 'installed' }), 'delete');
  expect([models.question?.kind, calls]).toEqual(['sure', []]);
  await models.agree();
  expect(calls).toEqual([['delete', 'animate-large']]);
});

test('a filter never leaves the selection on what it hides, and gives it back', () => {
  tell(listing(), listing({ id: 'b', name: 'B' }));
  models.open({});
  models.select('b');
  models.filter.text = 'large';
  expect(models.selected?.id).toBe('animate-large');
  models.filter.text = '';
  expect(models.selected?.id).toBe('b');
});

test('what cannot be fetched is imported: as this model the first time, then as whatever it is', async () => {
  const model = listing({ withoutAddress: ['tokens.txt'] });
  tell(model);
  await models.act(model, 'import');
  expect([models.importOpen, models.importOf?.id, calls]).toEqual([true, 'animate-large', []]);
  await models.takeIn('/here');
  expect(models.imported).toBe('Took in Animate large.');
  await models.takeIn('/here');
  expect(calls).toEqual([
    ['import', '/here', 'animate-large'],
    ['import', '/here', null],
  ]);
});

test('a check that found nothing wrong is said, and not as a download that ended', async () => {
  tell(listing({ state: 'installed', shipped: true }));
  await vi.advanceTimersByTimeAsync(300);
  tell(listing({ state: 'verifying', shipped: true }));
  await vi.advanceTimersByTimeAsync(300);
  const checked = { files: 2, bytes: 16e6, atMs: new Date(2026, 1, 1, 12).getTime() };
  tell(listing({ state: 'installed', shipped: true, checked }));
  expect(models.said).toBe('Animate large: Both files are right: 16.0 MB checked at 12:00.');
});

test('an import that is refused says why, and another can be tried', async () => {
  await models.takeIn('/nowhere');
  expect(models.problem).toMatchObject({ modelId: null, error: { message: 'No.' } });
  expect(models.importing).toBe(false);
});
