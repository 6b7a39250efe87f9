import { cpus, release, totalmem, type } from 'node:os';
import { ENGINES } from '../../../contract/engine';
import { ERROR_TABLE } from '../../../contract/errors';
import type { DestinationState, LiveState } from '../../../contract/live';
import type { Show } from '../../../contract/show';
import type { StageStats } from '../../../contract/stage';
import { readModel, type ModelPlaces } from '../../engines/runtime/model-catalogue';
import { writeReport } from '../../outputs/report/report';
import type { LaunchedStudio } from '../launch';
import type { FinishedRecording } from '../recording-desk';
import { allLayers } from '../../studio/edit';

/** Collects during a show what its report tells; `stop` listening when the show is over. */
export class ShowWitness {
  private readonly launched: LaunchedStudio;
  private readonly stats: StageStats[] = [];
  private readonly moves = new Map<string, { atUs: number; state: DestinationState }[]>();
  private readonly layerNames: Record<string, string> = {};
  private readonly disposers: (() => void)[];
  private readonly seen = new Set<string>();

  constructor(launched: LaunchedStudio) {
    this.launched = launched;
    this.disposers = [
      launched.stage.onStats((stats) => this.stats.push(stats)),
      launched.studio.onState((state, previous) => {
        for (const layer of allLayers(state.project)) this.layerNames[layer.id] = layer.name;
        this.noteTroubles(state);
        for (const [id, live] of Object.entries(state.destinations)) {
          if (live.state === previous.destinations[id]?.state) continue;
          this.moves.set(id, [...(this.moves.get(id) ?? []), { atUs: launched.nowUs(), state: live.state }]);
        }
      }),
    ];
    for (const layer of allLayers(launched.studio.state.project)) this.layerNames[layer.id] = layer.name;
    this.noteTroubles(launched.studio.state);
  }

  /** What went wrong for good so far, in words: errors, not warnings that mend themselves. */
  get troubles(): string[] {
    return [...this.seen];
  }

  stop(): void {
    for (const dispose of this.disposers) dispose();
  }

  private noteTroubles(state: LiveState): void {
    const errors = [
      ...state.notices.map((notice) => notice.error),
      ...Object.values(state.destinations).map((live) => live.error),
      ...Object.values(state.engines).map((engine) => engine.error),
      state.obs.error,
      state.virtualCamera.error,
      state.recording.error,
    ];
    for (const error of errors) {
      if (error && ERROR_TABLE[error.code][0] === 'error') this.seen.add(error.message);
    }
  }

  /** Writes `report.json` and `report.html` into `outDir`. */
  async report(show: Show, finished: FinishedRecording, outDir: string): Promise<void> {
    const { studio, ffmpeg, modelPlaces } = this.launched;
    await writeReport(
      {
        title: show.title,
        date: new Date(Date.now() - finished.durationUs / 1000).toISOString(),
        startedUs: finished.startedUs,
        recordingFile: finished.files[0]!,
        sessionLogFile: finished.sessionLog,
        stats: this.stats,
        layerNames: this.layerNames,
        engines: await enginesUsed(studio.state, modelPlaces),
        destinations: studio.state.project.destinations.map(({ id, name, protocol, url }) => ({
          name,
          protocol,
          url,
          live: studio.state.destinations[id]!,
          moves: this.moves.get(id) ?? [],
        })),
        versions: { node: process.version, ffmpeg: ffmpeg?.version ?? 'none' },
        machine: {
          cpu: cpus()[0]?.model ?? 'unknown',
          cores: String(cpus().length),
          memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
          system: `${type()} ${release()}`,
        },
        ffmpeg,
      },
      outDir,
    );
  }
}

/** Every engine that ran, with what it ran on. */
async function enginesUsed({ engines }: LiveState, places: ModelPlaces) {
  const ran = ENGINES.flatMap((name) => {
    const { model, provider, restarts } = engines[name];
    return model === null ? [] : [{ name, model, provider, restarts }];
  });
  return Promise.all(ran.map(async (run) => ({ ...run, hashes: await modelHashes(places, run.model) })));
}

async function modelHashes(places: ModelPlaces, model: string): Promise<Record<string, string>> {
  const { files } = await readModel(places, model);
  return Object.fromEntries(files.map(({ path, sha256 }) => [path, sha256]));
}
