import { expect, test } from 'vitest';
import { questionWords } from './question-words';
import { listing } from './testing/listing';

test('deleting says how much room it gives back, where that is known', () => {
  const model = listing({ state: 'installed', bytes: 412e6 });
  expect(questionWords(model, 'delete')).toMatchObject({
    title: 'Delete Animate large?',
    text: 'It gives back up to 412 MB; files that other models share stay.',
    no: 'No, keep it',
  });
  expect(questionWords({ ...model, bytes: null }, 'delete').text).toBe('Files that other models share stay.');
});

test('cancelling says what is lost', () => {
  const model = listing({ state: 'failed', haveBytes: 1.1e9 });
  expect(questionWords(model, 'cancel').text).toContain('1.1 GB were fetched');
});
