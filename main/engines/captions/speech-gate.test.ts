import { describe, expect, it } from 'vitest';
import { babble, randomNumbers } from '../testing/captions-fixtures';
import { FeatureStreamer } from './features';
import { SpeechGate } from './speech-gate';

const SECOND = 16_000;

/** Share of the frames from `fromS` on that could be speech. */
function share(sound: Float32Array, fromS = 0): number {
  const gate = new SpeechGate();
  const open: boolean[] = [];
  new FeatureStreamer((frame, peak) => open.push(gate.push(frame, peak))).push(sound);
  const part = open.slice(fromS * 100);
  return part.filter(Boolean).length / part.length;
}
function noise(seconds: number, level: (n: number) => number, colour = 1): Float32Array {
  const random = randomNumbers(3);
  let slow = 0;
  return Float32Array.from({ length: SECOND * seconds }, (_, n) => {
    slow += colour * (2 * random() - 1 - slow);
    return level(n) * slow;
  });
}

describe('SpeechGate', () => {
  it('[C9] silence is never speech', () => {
    expect(share(new Float32Array(SECOND * 10))).toBe(0);
    expect(share(noise(10, () => 0.0009))).toBe(0);
  });

  it.each([
    ['white noise', noise(30, () => 0.3)],
    ['dull noise', noise(30, () => 1, 0.03)],
    ['noise that slowly swells', noise(30, (n) => 0.1 + (0.2 * n) / (SECOND * 30))],
    ['a tone', Float32Array.from({ length: SECOND * 30 }, (_, n) => 0.5 * Math.sin(0.2 * n))],
  ])('[C9] %s is none once it has gone on for 4 s', (_, sound) => {
    expect(share(sound, 4)).toBeLessThan(0.002);
  });

  it('[C9] from the first frame on, sound that has just begun could be speech', () => {
    expect(share(noise(2, () => 0.3))).toBe(1);
  });

  it('[C9] what comes and goes could be speech, in quiet and over noise', () => {
    const speech = babble(20).filter((_, n) => n % 3 === 0);
    expect(share(speech, 4)).toBeGreaterThan(0.5);
    const over = noise(20, () => 0.03).map((value, n) => value + (speech[n] ?? 0));
    expect(share(over, 4)).toBeGreaterThan(0.25);
  });
});
