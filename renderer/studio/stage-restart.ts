const STORAGE_KEY = 'fantascope.reloads';
/** At most this many reloads in a minute: a stage that dies at once must not blink for ever. */
const MAX_RELOADS = 3;
const PERIOD_MS = 60_000;

/** What of a browser the restart touches; the window's own objects fit. */
export type RestartPlace = {
  location: { reload(): void };
  sessionStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void };
  addEventListener(type: 'beforeunload', listener: (event: Event) => void): void;
};

/**
 * Loads the page anew when the stage worker died: the launch token outlives it in the session's
 * storage, main keeps the outputs going with the slate, and the new stage enters live by itself.
 * Make it before the interface is mounted: while on air that asks before the page closes, and
 * listeners of the window run in the order in which they were added, capturing or not.
 */
export class StageRestart {
  readonly #place: RestartPlace;
  #reloading = false;

  constructor(place: RestartPlace) {
    this.#place = place;
    // Nobody may be there to answer the interface's question. This lives as long as the page.
    place.addEventListener('beforeunload', (event) => {
      if (this.#reloading) event.stopImmediatePropagation();
    });
  }

  /**
   * Reloads unless that was done three times in the last minute.
   * @param nowMs milliseconds since 1970.
   * @returns whether it reloads.
   */
  reload(nowMs: number = Date.now()): boolean {
    const recent = this.#earlier().filter((atMs) => atMs <= nowMs && nowMs - atMs < PERIOD_MS);
    if (recent.length >= MAX_RELOADS) return false;
    this.#place.sessionStorage.setItem(STORAGE_KEY, JSON.stringify([...recent, nowMs]));
    this.#reloading = true;
    this.#place.location.reload();
    return true;
  }

  #earlier(): number[] {
    const kept = this.#place.sessionStorage.getItem(STORAGE_KEY);
    try {
      const times: unknown = JSON.parse(kept ?? '[]');
      return Array.isArray(times) ? times.filter((time) => typeof time === 'number') : [];
    } catch {
      // Another page of this origin wrote something else: as if nothing was there.
      return [];
    }
  }
}
