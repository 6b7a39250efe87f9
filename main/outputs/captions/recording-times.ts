type Run = { fromUs: number; toUs: number; fileUs: number };

/**
 * Programme time to the time of a recording, which begins at 0 and leaves pauses out. Runs are
 * told as they happen; times of the last one are known while it goes on.
 */
export class RecordingTimes {
  readonly #runs: Run[] = [];

  /**
   * The recording begins, or goes on after a pause, at programme time `programmeUs`.
   * @param fileUs the file's time there; where the run before ended, unless it is told.
   */
  begin(programmeUs: number, fileUs?: number): void {
    this.end(programmeUs);
    this.#runs.push({ fromUs: programmeUs, toUs: Infinity, fileUs: fileUs ?? this.#endUs() });
  }

  /** A pause, or the end, at programme time `programmeUs`. */
  end(programmeUs: number): void {
    const last = this.#runs.at(-1);
    if (last) last.toUs = Math.min(last.toUs, Math.max(last.fromUs, programmeUs));
  }

  /** The recording's time at a programme time, in µs; null when nothing was recorded then. */
  toFileUs(programmeUs: number): number | null {
    const run = this.#runs.findLast(({ fromUs, toUs }) => programmeUs >= fromUs && programmeUs < toUs);
    return run ? run.fileUs + programmeUs - run.fromUs : null;
  }

  #endUs(): number {
    const last = this.#runs.at(-1);
    return last ? last.fileUs + last.toUs - last.fromUs : 0;
  }
}
