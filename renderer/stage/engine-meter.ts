import type { FrameHeader } from '../../contract/frame';
import type { EngineStreamLive } from '../../contract/live';
import type { EngineStats } from '../../contract/stage';
import { RecentCount } from './recent-count';
import { SpreadWindow } from './spread';

/** A change that took longer than this was not waited for: the window was away meanwhile. */
const LONGEST_KNOB_MS = 30_000;

/** Measures one engine layer: pictures a second, knob→pixel, capture→stage. */
export class EngineMeter {
  readonly #layerId: string;
  readonly #engine: EngineStats['engine'];
  readonly #knobMs = new SpreadWindow(100);
  readonly #ageMs = new SpreadWindow(150);
  readonly #newPictures: RecentCount;
  readonly #drops: RecentCount;
  readonly #alike: RecentCount;
  #droppedTotal = 0;
  #stagesMs: Record<string, number> = {};
  #newest: { captureUs: number; appliedVersion: number; shown: boolean } | null = null;
  #onStage = false;
  #measuredVersion = -1;

  /** @param nowMs since when is counted, `performance.now()`. */
  constructor(layerId: string, engine: EngineStats['engine'], nowMs: number) {
    this.#layerId = layerId;
    this.#engine = engine;
    this.#newPictures = new RecentCount(nowMs);
    this.#drops = new RecentCount(nowMs);
    this.#alike = new RecentCount(nowMs);
  }

  /** A picture of the present epoch came. */
  arrived(header: FrameHeader, repeated: boolean): void {
    if (!repeated) this.#newPictures.add();
    this.#newest = { captureUs: header.captureUs, appliedVersion: header.appliedVersion, shown: false };
  }

  /** The engine left a picture out as nearly the one before. */
  alike(): void {
    this.#alike.add();
  }

  /** The engine's own figures. */
  timing(stagesMs: Record<string, number>): void {
    this.#stagesMs = stagesMs;
  }

  /** The tick in work draws the newest picture. */
  shown(): void {
    this.#onStage = true;
  }

  /** The tick in work draws the source instead. */
  hidden(): void {
    this.#onStage = false;
  }

  /** The tick is drawn: what it shows for the first time is measured. */
  drawn(nowUs: number, live: EngineStreamLive): void {
    const newest = this.#newest;
    if (newest === null || !this.#onStage) return;
    if (!newest.shown) this.#ageMs.add((nowUs - newest.captureUs) / 1000);
    newest.shown = true;
    if (newest.appliedVersion < live.controlVersion || live.controlVersion <= this.#measuredVersion) return;
    this.#measuredVersion = live.controlVersion;
    const knobMs = (nowUs - live.controlInputUs) / 1000;
    if (live.controlInputUs > 0 && knobMs <= LONGEST_KNOB_MS) this.#knobMs.add(knobMs);
  }

  /**
   * Figures of the last second.
   * @param droppedTotal pictures dropped since the layer began.
   */
  read(nowMs: number, droppedTotal: number): EngineStats {
    this.#drops.add(droppedTotal - this.#droppedTotal);
    this.#droppedTotal = droppedTotal;
    const made = this.#newPictures.read(nowMs);
    const alike = this.#alike.read(nowMs).count;
    return {
      layerId: this.#layerId,
      fps: made.perSecond,
      filteredShare: alike > 0 ? alike / (alike + made.count) : null,
      dropped: this.#drops.read(nowMs).count,
      knobToPixelMs: this.#knobMs.readOrNull(),
      ageMs: this.#ageMs.readOrNull(),
      stagesMs: this.#stagesMs,
      appliedVersion: this.#newest?.appliedVersion ?? 0,
      engine: this.#engine,
    };
  }
}
