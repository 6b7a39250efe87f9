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
  first.cues[7] = 'neon rain';
  first.layersFolded = true;
  first.pinHealth(true);
  first.keep();
  const second = new Preferences(place);
  expect(second.theme).toBe('light');
  expect(second.cues[7]).toBe('neon rain');
  expect(second.layersFolded).toBe(true);
  expect(second.healthPinned).toBe(true);
});

test('the studio is dark at first, and a damaged entry costs only what is damaged', () => {
  expect(new Preferences(storage()).theme).toBe('dark');
  expect(new Preferences(storage('{nonsense')).theme).toBe('dark');
  const partly = new Preferences(storage('{"theme":"pink","monitoring":true,"cues":["ink",4]}'));
  expect(partly.theme).toBe('dark');
  expect(partly.monitoring).toBe(true);
  expect(partly.cues).toEqual(['ink', '', '', '', '', '', '', '']);
});
