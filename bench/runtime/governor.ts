import { spawn, type ChildProcess } from 'node:child_process';
import { cpus, setPriority } from 'node:os';
import { ENGINE_RUNS } from '../../main/launch/engine-streams';
import { figure, type Figure } from '../lib/figures';
import { LiveEngine } from '../lib/live-engine';

const LOOK_MS = 250;
const WARM_SECONDS = 5;
const LOAD_SECONDS = 25;
const AFTER_SECONDS = 45;
const LOOK = { kind: 'animate', prompt: 'ink monochrome', strength: 0.8, seed: 1 } as const;

/** The animate engine under a step of load from elsewhere, with its governor and pinned to the best tier. */
export async function measureGovernor(): Promise<Figure[]> {
  const engine = await LiveEngine.start('animate', LOOK);
  try {
    await engine.animate(WARM_SECONDS);
    const trace = watchTiers(engine);
    const load = startLoad();
    const governedFps = await engine.animate(LOAD_SECONDS);
    const underLoad = trace.take();
    stopLoad(load);
    await engine.animate(AFTER_SECONDS);
    const after = trace.take();
    trace.end();
    engine.pin(0);
    await engine.animate(WARM_SECONDS);
    const again = startLoad();
    const pinnedFps = await engine.animate(LOAD_SECONDS);
    stopLoad(again);
    console.log(`Tiers under load ${words(underLoad)}; after it ${words(after)}`);
    const best = after.find(({ tier }) => tier === 0);
    return [
      figure('governorSettleSeconds', 's', 'lower', [underLoad.at(-1)?.seconds ?? 0], {
        against: `last change of tier after ${2 * cpus().length} busy processes began; ${words(underLoad)}`,
      }),
      figure('governorBackSeconds', 's', 'lower', [best?.seconds ?? AFTER_SECONDS], {
        against: `back at the best tier once they ended; ${words(after)}`,
      }),
      figure('governorFpsGain', '×', 'higher', [governedFps / pinnedFps], {
        against: `${pinnedFps.toFixed(1)} pictures/s at the best tier under the same load`,
      }),
    ];
  } finally {
    await engine.stop();
  }
}

type Change = { seconds: number; tier: number };

/** Notes each change of tier, from the last `take` on. */
function watchTiers(engine: LiveEngine) {
  let [changes, startMs, last]: [Change[], number, number] = [[], performance.now(), 0];
  const timer = setInterval(() => {
    const tier = engine.quality?.tier ?? 0;
    if (tier !== last) changes.push({ seconds: (performance.now() - startMs) / 1000, tier });
    last = tier;
  }, LOOK_MS);
  return {
    take: () => {
      const taken = changes;
      [changes, startMs] = [[], performance.now()];
      return taken;
    },
    end: () => clearInterval(timer),
  };
}

/** Two processes a core that never rest, with the engine's own priority. */
function startLoad(): ChildProcess[] {
  return Array.from({ length: 2 * cpus().length }, () => {
    const end = `const end = Date.now() + ${1000 * (LOAD_SECONDS + 10)}; while (Date.now() < end);`;
    const child = spawn(process.execPath, ['-e', end], { stdio: 'ignore' });
    setPriority(child.pid!, ENGINE_RUNS.animate.priority);
    return child;
  });
}

function stopLoad(children: readonly ChildProcess[]): void {
  for (const child of children) child.kill('SIGKILL');
}

function words(changes: readonly Change[]): string {
  return (
    changes.map(({ seconds, tier }) => `tier ${tier} at ${seconds.toFixed(1)} s`).join(', ') || 'no change'
  );
}
