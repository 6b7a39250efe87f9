import { treeCpuSeconds } from './lib/cpu';
import { FILM, recordRun, type Run } from './lib/bench-studio';
import { figure, publish, type Figure } from './lib/figures';
import { ObsPeer } from './lib/obs';

const SECONDS = 15;
const ROUNDS = 2;

/**
 * The programme at 1280×720, 30 pictures a second, camera and title, recording: with and
 * without the animate engine, in turn with OBS recording a like scene.
 */
export async function bench(): Promise<void> {
  const plain: Run[] = [];
  const animated: Run[] = [];
  const obs: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    plain.push(await recordRun(false, SECONDS));
    const rival = await runObs().catch((error: unknown) => {
      console.log(`OBS could not be measured: ${String(error)}`);
      return null;
    });
    if (rival !== null) obs.push(rival);
    animated.push(await recordRun(true, SECONDS));
  }
  const provider = 'cpu';
  const figures: Figure[] = [
    figure('programmeFps', 'fps', 'target', fps(animated), { against: '30 fps, with the engine' }),
    figure('programmeFpsPlain', 'fps', 'target', fps(plain), { against: '30 fps, without an engine' }),
    figure('lateTickShare', 'share', 'lower', animated.map(lateShare)),
    figure('lateTickSharePlain', 'share', 'lower', plain.map(lateShare)),
    figure('cpuSecondsPerSecond', 's/s', 'lower', plain.map(cpuShare), {
      against: 'without an engine, all processes',
    }),
    figure('cpuSecondsPerSecondEngine', 's/s', 'lower', animated.map(cpuShare), {
      against: 'with the engine, all processes',
    }),
  ];
  if (obs.length > 0) {
    figures.push(
      figure('obsCpuSecondsPerSecond', 's/s', 'lower', obs, { against: 'OBS 29, llvmpipe, x264 ultrafast' }),
    );
    const ratios = obs.map((value, i) => cpuShare(plain[i]!) / value);
    figures.push(
      figure('cpuRatioVsObs', '×', 'lower', ratios, { against: 'OBS 29 recording film and title, same run' }),
    );
  }
  publish('stage', provider, figures);
}

function fps(runs: Run[]): number[] {
  return runs.flatMap((run) => run.stats.map((stats) => stats.fps));
}

function lateShare({ stats }: Run): number {
  const first = stats[0]!;
  const last = stats.at(-1)!;
  const ticks = last.ticks - first.ticks + (last.skippedTicks - first.skippedTicks);
  return (last.lateTicks - first.lateTicks + last.skippedTicks - first.skippedTicks) / Math.max(1, ticks);
}

function cpuShare({ cpuSeconds, seconds }: Run): number {
  return cpuSeconds / seconds;
}

async function runObs(): Promise<number> {
  const obs = new ObsPeer();
  try {
    await obs.start(FILM);
    await new Promise((done) => setTimeout(done, 4000));
    await obs.socket.call('StartRecord');
    await new Promise((done) => setTimeout(done, 1000));
    const before = treeCpuSeconds(obs.pid);
    const startMs = performance.now();
    await new Promise((done) => setTimeout(done, SECONDS * 1000));
    const share = (treeCpuSeconds(obs.pid) - before) / ((performance.now() - startMs) / 1000);
    await obs.socket.call('StopRecord');
    return share;
  } finally {
    await obs.stop();
  }
}
