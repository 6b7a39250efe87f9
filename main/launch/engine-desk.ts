import { constants, setPriority } from 'node:os';
import type { LiveState } from '../../contract/live';
import type { Layer } from '../../contract/project';
import type { EngineProcess } from '../engines/runtime/engine-process';
import { allLayers } from '../studio/edit';
import type { Studio } from '../studio/studio';

/**
 * Keeps the animate engine told: each layer's settings go to the engine process whenever
 * their control version rises, and what the engine says of itself goes into the live state.
 * The engine starts when the first layer asks for it and stays ready from then on; it runs one
 * model at a time, that of the first animated layer.
 */
export class EngineDesk {
  private readonly studio: Studio;
  private readonly engine: EngineProcess;
  private readonly told = new Map<number, number>();
  private readonly disposers: (() => void)[];

  constructor(studio: Studio, engine: EngineProcess) {
    this.studio = studio;
    this.engine = engine;
    this.disposers = [
      studio.onState((state, previous) => {
        if (state.layers !== previous.layers || state.project !== previous.project) this.tell(state);
      }),
      engine.onChange((live) => {
        if (live.state === 'starting') this.yieldToProgramme();
        studio.updateEngine(live);
        if (live.error && live.error !== studio.state.notices.find((n) => n.key === 'engine')?.error) {
          studio.notify('engine', live.error);
        }
        if (live.state === 'ready') studio.dismiss('engine');
      }),
      engine.onApplied((streamId, _version, unknownWords) => studio.noteUnknownWords(streamId, unknownWords)),
    ];
    this.tell(studio.state);
  }

  /** Ends the engine process and starts a new one. */
  restart(): void {
    void this.engine.restart();
  }

  /** Stops listening and ends the engine process. */
  async stop(): Promise<void> {
    for (const dispose of this.disposers) dispose();
    await this.engine.stop();
  }

  /** Where cores are scarce the engine waits for the programme, never the other way round. */
  private yieldToProgramme(): void {
    // The pid is there once the child is spawned, which is after this change is told.
    setImmediate(() => {
      if (!this.engine.pid) return;
      try {
        setPriority(this.engine.pid, constants.priority.PRIORITY_BELOW_NORMAL);
      } catch {
        // It ended meanwhile, or the system does not allow it: the engine runs as it is.
      }
    });
  }

  private tell(state: LiveState): void {
    const wanted = new Set<number>();
    for (const layer of allLayers(state.project)) {
      const live = state.layers[layer.id];
      if (!live || !layer.engine?.enabled) continue;
      wanted.add(live.streamId);
      if (this.told.get(live.streamId) !== live.controlVersion) this.tellLayer(layer, state);
    }
    for (const streamId of this.told.keys()) {
      if (wanted.has(streamId)) continue;
      this.told.delete(streamId);
      this.engine.forget(streamId);
    }
    const model = allLayers(state.project).find((layer) => layer.engine?.enabled)?.engine?.model;
    if (model) this.engine.useModel(model);
    if (wanted.size > 0 && this.engine.live().state === 'stopped') this.engine.start();
  }

  private tellLayer(layer: Layer, state: LiveState): void {
    const live = state.layers[layer.id]!;
    const { prompt, strength, seed } = layer.engine!;
    this.told.set(live.streamId, live.controlVersion);
    this.engine.control({
      type: 'control',
      streamId: live.streamId,
      version: live.controlVersion,
      epoch: live.epoch,
      prompt,
      strength,
      seed,
    });
  }
}
