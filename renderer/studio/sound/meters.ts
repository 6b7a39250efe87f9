import { dbToTravel, peakToDb } from '../model/decibels';

const FALL_DB_PER_S = 24;
const HOLD_MS = 1500;
const SILENT_AFTER_MS = 300;

/** A meter's ballistics: at once up, slowly down, the highest peak held for a while. */
export type MeterState = { db: number; holdDb: number; holdUntilMs: number };

/** A meter at rest. */
export function restingMeter(): MeterState {
  return { db: -120, holdDb: -120, holdUntilMs: 0 };
}

/** Moves a meter by one period of `elapsedMs` to a new peak in dBFS. */
export function advanceMeter(
  meter: MeterState,
  peakDb: number,
  nowMs: number,
  elapsedMs: number,
): MeterState {
  const fallen = Math.max(-120, meter.db - (FALL_DB_PER_S * elapsedMs) / 1000);
  const db = Math.max(fallen, peakDb);
  if (peakDb >= meter.holdDb) return { db, holdDb: peakDb, holdUntilMs: nowMs + HOLD_MS };
  if (nowMs < meter.holdUntilMs) return { db, holdDb: meter.holdDb, holdUntilMs: meter.holdUntilMs };
  return { db, holdDb: Math.max(db, meter.holdDb - (FALL_DB_PER_S * elapsedMs) / 1000), holdUntilMs: 0 };
}

/**
 * Draws all meters of the page in one loop, straight into style properties: meters move 30
 * times a second and must not go through the component tree. An attached element gets
 * `--level` and `--hold` (0 to 1 of the fader's travel) and `data-clip` near full scale.
 */
export class Meters {
  readonly #elements = new Map<string, Set<HTMLElement>>();
  readonly #meters = new Map<string, MeterState>();
  #peaks: Readonly<Record<string, number>> = {};
  #fedMs = 0;
  #frame = 0;
  #lastMs = 0;

  /** Takes new linear peaks by strip id. */
  feed(peaks: Readonly<Record<string, number>>): void {
    this.#peaks = peaks;
    this.#fedMs = performance.now();
  }

  /** Draws a strip's meter into an element until the returned function is called. */
  attach(id: string, element: HTMLElement): () => void {
    const elements = this.#elements.get(id) ?? new Set();
    elements.add(element);
    this.#elements.set(id, elements);
    if (this.#frame === 0) this.#frame = requestAnimationFrame((nowMs) => this.#draw(nowMs));
    return () => {
      elements.delete(element);
      if (elements.size > 0) return;
      this.#elements.delete(id);
      this.#meters.delete(id);
    };
  }

  dispose(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
  }

  #draw(nowMs: number): void {
    this.#frame = this.#elements.size > 0 ? requestAnimationFrame((next) => this.#draw(next)) : 0;
    const elapsedMs = nowMs - this.#lastMs;
    if (elapsedMs < 30) return;
    this.#lastMs = nowMs;
    // When no levels come, nothing sounds: a meter must not stand still on its last one.
    const peaks = nowMs - this.#fedMs < SILENT_AFTER_MS ? this.#peaks : {};
    for (const [id, elements] of this.#elements) {
      const before = this.#meters.get(id) ?? restingMeter();
      const meter = advanceMeter(before, peakToDb(peaks[id] ?? 0), nowMs, Math.min(elapsedMs, 200));
      this.#meters.set(id, meter);
      for (const element of elements) {
        element.style.setProperty('--level', dbToTravel(meter.db).toFixed(3));
        element.style.setProperty('--hold', dbToTravel(meter.holdDb).toFixed(3));
        element.toggleAttribute('data-clip', meter.holdDb > -1);
      }
    }
  }
}
