import { joinSounds, readSamples } from '../lib/caption-samples';
import { figure, type Figure } from '../lib/figures';
import { LiveEngine } from '../lib/live-engine';

const ROUNDS = 3;
/** A word must be there so long after it was said, and so many pictures in a second. */
const WORD_DEADLINE_MS = 1000;
const PICTURE_FPS = 12;
const LOOK = { kind: 'animate', prompt: 'ink monochrome', strength: 0.8, seed: 1 } as const;

/** Two engines in their processes beside each other against each alone, A B AB A B AB: what is left of their deadlines. */
export async function measureTogether(seconds: number): Promise<Figure[]> {
  const sound = joinSounds(readSamples().map((sample) => sample.sound));
  const captions = await LiveEngine.start('captions', { kind: 'captions' });
  const animate = await LiveEngine.start('animate', LOOK);
  const length = Math.max(8, seconds);
  const [words, pictures]: [number[], number[]] = [[], []];
  const inTime = (latencies: readonly number[]) =>
    latencies.filter((ms) => ms <= WORD_DEADLINE_MS).length / Math.max(1, latencies.length);
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const wordsAlone = inTime(await captions.listen(sound, length));
      const picturesAlone = Math.min(1, (await animate.animate(length)) / PICTURE_FPS);
      const [heard, fps] = await Promise.all([captions.listen(sound, length), animate.animate(length)]);
      words.push(inTime(heard) / wordsAlone);
      pictures.push(Math.min(1, fps / PICTURE_FPS) / picturesAlone);
    }
  } finally {
    await Promise.all([captions.stop(), animate.stop()]);
  }
  return [
    figure('captionsDeadlineKept', 'ratio', 'higher', words, {
      against: `words within ${WORD_DEADLINE_MS / 1000} s with no animate engine beside it`,
    }),
    figure('animateDeadlineKept', 'ratio', 'higher', pictures, {
      against: `${PICTURE_FPS} pictures a second with no captions engine beside it`,
    }),
  ];
}
