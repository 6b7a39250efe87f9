import { treeCpuSeconds } from './lib/cpu';
import { FILM, recordRun, type Run } from './lib/bench-studio';
import { figure, publish, type Figure } from './lib/figures';
import { BenchObs } from './lib/obs';
import { secondsOf } from './lib/options';

const SECONDS = 15;
const ROUNDS = 2;

/**
 * The programme at 1280×720, 30 pictures a second, recording: camera, animate engine and title;
 * then, in turn with OBS, a film and a title, with and without the engine.
 */
export async function bench(args: readonly string[] = []): Promise<void> {
  const seconds = secondsOf(args, SECONDS);
  const camera: Run[] = [];
  const film: Run[] = [];
  const animated: Run[] = [];
  const obs: (number | null)[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    camera.push(await recordRun({ source: 'camera', animated: true }, seconds));
    film.push(await recordRun({ source: 'film', animated: false }, seconds));
    obs.push(
      await runObs(seconds).catch((error: unknown) => {
        console.log(`OBS could not be measured: ${String(error)}`);
        return null;
      }),
    );
    animated.push(await recordRun({ source: 'film', animated: true }, seconds));
  }
  const figures: Figure[] = [
    figure('programmeFps', 'fps', 'target', fps(camera), { against: '30 fps; camera, engine and title' }),
    figure('programmeFpsFilm', 'fps', 'target', fps(film), { against: '30 fps; film and title' }),
    figure('lateTickShare', 'share', 'lower', camera.map(lateShare), {
      against: 'all ticks; camera, engine and title',
    }),
    figure('lateTickShareFilm', 'share', 'lower', film.map(lateShare), {
      against: 'all ticks; film and title',
    }),
    figure('cpuSecondsPerSecond', 's/s', 'lower', camera.map(cpuShare), {
      against: 'camera, engine and title; all processes',
    }),
    figure('cpuSecondsPerSecondFilm', 's/s', 'lower', film.map(cpuShare), {
      against: 'film and title; all processes',
    }),
    figure('cpuSecondsPerSecondFilmEngine', 's/s', 'lower', animated.map(cpuShare), {
      against: 'film, engine and title; all processes',
    }),
    ...againstObs(obs, film, animated),
  ];
  publish('stage', camera.at(-1)?.provider ?? 'unknown', figures);
}

/** Ratios of rounds in which OBS ran; both show the same film, with its sound, and a title. */
function againstObs(
  obs: readonly (number | null)[],
  film: readonly Run[],
  animated: readonly Run[],
): Figure[] {
  const rounds = obs.flatMap((share, round) => (share === null ? [] : [{ share, round }]));
  if (rounds.length === 0) return [];
  const ratios = (runs: readonly Run[]) => rounds.map(({ share, round }) => cpuShare(runs[round]!) / share);
  return [
    figure(
      'obsCpuSecondsPerSecond',
      's/s',
      'lower',
      rounds.map(({ share }) => share),
      { against: 'OBS 29, llvmpipe, x264 ultrafast; film and title' },
    ),
    figure('cpuRatioVsObs', '×', 'lower', ratios(film), {
      against: 'OBS 29 recording the same film and title, same run; ours without the engine',
    }),
    figure('cpuRatioVsObsEngine', '×', 'lower', ratios(animated), {
      against: 'OBS 29 recording the same film and title, same run; ours with the engine',
    }),
  ];
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

async function runObs(seconds: number): Promise<number> {
  const obs = new BenchObs();
  try {
    await obs.startWith(FILM);
    await new Promise((done) => setTimeout(done, 4000));
    await obs.socket.call('StartRecord');
    await new Promise((done) => setTimeout(done, 1000));
    const before = treeCpuSeconds(obs.pid);
    const startMs = performance.now();
    await new Promise((done) => setTimeout(done, seconds * 1000));
    const share = (treeCpuSeconds(obs.pid) - before) / ((performance.now() - startMs) / 1000);
    await obs.socket.call('StopRecord');
    return share;
  } finally {
    await obs.stop();
  }
}
