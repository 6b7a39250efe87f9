import { setPriority } from 'node:os';
import type { EngineName } from '../../contract/engine';
import type { LiveState } from '../../contract/live';
import type { Project } from '../../contract/project';
import type { EngineProcess } from '../engines/runtime/engine-process';
import type { Studio } from '../studio/studio';
import type { MemoryHolder } from './engine-memory';
import type { EngineSessions } from './engine-sessions';
import { ENGINE_RUNS, wantedStreams } from './engine-streams';

/** Who must know how starts of an engine turn out. */
export type EngineWatch = Pick<EngineSessions, 'loaded' | 'crashed'>;

/**
 * Keeps one engine told: each stream's settings go to its process whenever their control
 * version rises, and what the engine says of itself goes into the live state. The engine
 * starts when the first stream asks for it and stays ready from then on; it runs one model at
 * a time, that of the first stream.
 */
export class EngineDesk {
  readonly name: EngineName;
  readonly process: EngineProcess;
  private readonly studio: Studio;
  private readonly told = new Map<number, number>();
  private readonly disposers: (() => void)[];
  private idleSinceMs: number | null = performance.now();
  private rssBytes = 0;
  /** The cues that the process was told to expect. */
  private cues: Project['cues'] | null = null;

  constructor(studio: Studio, name: EngineName, process: EngineProcess, sessions: EngineWatch) {
    this.studio = studio;
    this.name = name;
    this.process = process;
    const noticeKey = `engine-${name}`;
    this.disposers = [
      studio.onState((state, previous) => {
        if (concerns(state, previous)) this.tell(state);
      }),
      process.onChange((live) => {
        if (live.state !== 'starting' && live.loading === null) sessions.loaded(name);
        if (live.state === 'restarting' && live.error?.code === 'engine.crashed') void sessions.crashed(name);
        studio.updateEngine(name, live);
        if (live.error && live.error !== studio.state.notices.find((n) => n.key === noticeKey)?.error) {
          studio.notify(noticeKey, live.error);
        }
        if (live.state === 'ready' && !live.error) studio.dismiss(noticeKey);
      }),
      process.onSpawn((child) => this.yieldToProgramme(child)),
      process.onHealth(({ rssBytes }) => (this.rssBytes = rssBytes)),
      process.onApplied((streamId, _version, unknownWords) =>
        studio.noteUnknownWords(name, streamId, unknownWords),
      ),
    ];
    this.tell(studio.state);
  }

  /** Whether a stream of the present snapshot wants this engine. */
  get wanted(): boolean {
    return wantedStreams(this.name, this.studio.state).length > 0;
  }

  /** This engine as the memory budget sees it. */
  get holder(): MemoryHolder {
    return {
      name: this.name,
      rssBytes: () => (this.process.live().state === 'ready' ? this.rssBytes : 0),
      idleSinceMs: () => this.idleSinceMs,
      stop: () => this.process.stop(),
    };
  }

  /** Starts a running engine anew, for what it runs on has changed. */
  reload(): void {
    if (this.process.live().state !== 'stopped') this.restart();
  }

  /** Ends the engine process and starts a new one. */
  restart(): void {
    void this.process.restart();
  }

  /** Stops listening and ends the engine process. */
  async stop(): Promise<void> {
    for (const dispose of this.disposers) dispose();
    await this.process.stop();
  }

  /** Where cores are scarce the engine waits for the programme, never the other way round. */
  private yieldToProgramme(child: { readonly pid: number | undefined }): void {
    // In Electron a child has its pid a moment after it was asked for.
    setImmediate(() => {
      if (!child.pid) return;
      try {
        setPriority(child.pid, ENGINE_RUNS[this.name].priority);
      } catch {
        // It ended meanwhile, or the system does not allow it: the engine runs as it is.
      }
    });
  }

  private tell(state: LiveState): void {
    const streams = wantedStreams(this.name, state);
    const wanted = new Set(streams.map(({ control }) => control.streamId));
    for (const streamId of this.told.keys()) {
      if (wanted.has(streamId)) continue;
      this.told.delete(streamId);
      this.process.forget(streamId);
    }
    for (const { control } of streams) {
      if (this.told.get(control.streamId) === control.version) continue;
      this.told.set(control.streamId, control.version);
      this.process.control(control);
    }
    if (this.cues !== state.project.cues && (this.name === 'animate' || this.name === 'generate')) {
      this.cues = state.project.cues;
      this.process.expect([...new Set(this.cues.map(({ prompt }) => prompt))]);
    }
    const [first] = streams;
    if (!first) {
      this.idleSinceMs ??= performance.now();
      return;
    }
    this.idleSinceMs = null;
    this.process.useModel(first.model);
    if (this.process.live().state === 'stopped') this.process.start();
  }
}

function concerns(state: LiveState, previous: LiveState): boolean {
  return (
    state.project !== previous.project ||
    state.layers !== previous.layers ||
    state.strips !== previous.strips ||
    state.captions.streamId !== previous.captions.streamId ||
    state.captions.controlVersion !== previous.captions.controlVersion
  );
}
