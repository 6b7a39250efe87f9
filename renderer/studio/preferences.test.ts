import { expect, test } from 'vitest';
import { Preferences } from './preferences.svelte';

function storage(text: string | null = null) {
  const kept = { text };
  return { kept, getItem: () => kept.text, setItem: (_: string, value: string) => void (kept.text = value) };
}

test('choices come back after a restart', () => {
  const place = storage();
  const first = new Preferences(place);
  first.theme = 'light';
  first.layersFolded = true;
  first.pinHealth(true);
  first.keep();
  const second = new Preferences(place);
  expect(second.theme).toBe('light');
  expect(second.layersFolded).toBe(true);
  expect(second.healthPinned).toBe(true);
});

test('the studio is dark at first, and a damaged entry costs only what is damaged', () => {
  expect(new Preferences(storage()).theme).toBe('dark');
  expect(new Preferences(storage('{nonsense')).theme).toBe('dark');
  const partly = new Preferences(storage('{"theme":"pink","monitoring":true,"cues":["ink",4]}'));
  expect(partly.theme).toBe('dark');
  expect(partly.monitoring).toBe(true);
  expect(partly.oldCues).toEqual(['ink']);
});

test('cues of an older version are held until a project has them, and then let go', () => {
  const place = storage('{"cues":["ink","","neon rain"]}');
  const first = new Preferences(place);
  expect(first.oldCues).toEqual(['ink', 'neon rain']);
  first.keep();
  expect(new Preferences(place).oldCues).toEqual(['ink', 'neon rain']);
  first.forgetOldCues();
  expect(new Preferences(place).oldCues).toEqual([]);
});
