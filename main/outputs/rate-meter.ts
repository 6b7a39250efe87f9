/** Time over which a rate is measured. */
const WINDOW_US = 3_000_000;

/** Bit rate of a growing byte count over the last seconds. */
export class RateMeter {
  #samples: { atUs: number; bytes: number }[] = [];

  /** @param bytes Count since the beginning. */
  add(atUs: number, bytes: number): void {
    this.#samples.push({ atUs, bytes });
    while (this.#samples.length > 2 && atUs - this.#samples[1]!.atUs >= WINDOW_US) this.#samples.shift();
  }

  /** Kilobits per second, whole; 0 before two counts are known. Falls when no count comes any more. */
  kbps(nowUs: number): number {
    const first = this.#samples[0];
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || first === last) return 0;
    const spanUs = Math.max(last.atUs, nowUs - WINDOW_US / 2) - first.atUs;
    return spanUs <= 0 ? 0 : Math.round(((last.bytes - first.bytes) * 8_000) / spanUs);
  }
}
