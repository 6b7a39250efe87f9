import type { Fingerprint } from './fingerprint';

/** How long fingerprints are kept, in microseconds: no picture in OBS is older that counts. */
const KEPT_US = 3_000_000;
/** No stage draws more pictures in that time; one that sends more is not believed. */
const MOST = 240;

/** The programme's last three seconds as fingerprints, oldest first. */
export class FingerprintRing {
  #kept: Fingerprint[] = [];

  add(fingerprint: Fingerprint): void {
    const newest = this.newestUs;
    // A stage that begins anew has a clock of its own; what came before belongs to another time.
    if (newest !== null && fingerprint.timestampUs <= newest) this.#kept = [];
    this.#kept.push(fingerprint);
    const oldestUs = fingerprint.timestampUs - KEPT_US;
    const keep = this.#kept.findIndex(({ timestampUs }) => timestampUs >= oldestUs);
    this.#kept.splice(0, Math.max(keep, this.#kept.length - MOST));
  }

  get all(): readonly Fingerprint[] {
    return this.#kept;
  }

  /** Programme time of the newest; null when there is none. */
  get newestUs(): number | null {
    return this.#kept.at(-1)?.timestampUs ?? null;
  }

  clear(): void {
    this.#kept = [];
  }
}
