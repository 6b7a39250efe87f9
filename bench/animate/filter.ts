import { treeCpuSeconds } from '../lib/cpu';
import { figure, type Figure } from '../lib/figures';
import { LiveEngine } from '../lib/live-engine';

const ROUNDS = 3;
const LOOK = { kind: 'animate', prompt: 'ink', strength: 0.8, seed: 2 } as const;

/** CPU of the engine's process on a still scene at 30 pictures a second, filter off against on, in turn. */
export async function measureFilter(seconds: number): Promise<Figure[]> {
  const length = Math.max(5, seconds / 2);
  const [off, on] = [
    await LiveEngine.start('animate', LOOK),
    await LiveEngine.start('animate', { ...LOOK, filter: { threshold: 0.98, maxSkip: 10 } }),
  ];
  const used = async (engine: LiveEngine) => {
    const before = treeCpuSeconds(engine.pid);
    await engine.animate(length);
    return (treeCpuSeconds(engine.pid) - before) / length;
  };
  const ratios: number[] = [];
  try {
    for (let round = 0; round < ROUNDS; round++) {
      const without = await used(off);
      ratios.push(without / (await used(on)));
    }
  } finally {
    await Promise.all([off.stop(), on.stop()]);
  }
  return [
    figure('filterComputeSaving', 'ratio', 'higher', ratios, {
      against: 'CPU seconds of the engine without the filter on a still scene, 30 pictures a second',
    }),
  ];
}
