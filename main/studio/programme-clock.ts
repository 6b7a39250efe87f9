/** The fastest the programme clock is bent towards the sound clock. */
const MAX_SLEW = 500e-6;
/** How long a correction may take, in µs. */
const SLEW_HORIZON_US = 5e6;
/** A larger difference is a jump of the sound clock, not drift. */
const JUMP_US = 40_000;

/** Monotonic microseconds since some fixed moment. */
export type MonotonicUs = () => number;

function processUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/**
 * The one clock all timestamps refer to: monotonic µs since launch, bent by at most
 * 500 ppm so that it keeps pace with the sound card while there is one, and
 * free-running when there is none. It never jumps and never runs backwards.
 */
export class ProgrammeClock {
  private readonly monotonic: MonotonicUs;
  private baseMonotonicUs: number;
  private baseUs = 0;
  private rate = 0;
  private soundOffsetUs: number | null = null;

  constructor(monotonic: MonotonicUs = processUs) {
    this.monotonic = monotonic;
    this.baseMonotonicUs = monotonic();
  }

  /** Programme time in µs. */
  nowUs(): number {
    const elapsed = this.monotonic() - this.baseMonotonicUs;
    return this.baseUs + elapsed * (1 + this.rate);
  }

  /** Present correction in parts per million; for the HUD. */
  get slewPpm(): number {
    return this.rate * 1e6;
  }

  /**
   * Takes a reading of the sound clock: sample `frame` (48 kHz) was mixed at programme
   * time `programmeUs`. The difference between both is held constant from the first
   * reading on; a jump of more than 40 ms starts over.
   */
  followSound(frame: number, programmeUs: number): void {
    const offset = programmeUs - (frame * 1e6) / 48_000;
    if (this.soundOffsetUs === null || Math.abs(offset - this.soundOffsetUs) > JUMP_US) {
      this.soundOffsetUs = offset;
      this.setRate(0);
      return;
    }
    const ahead = offset - this.soundOffsetUs;
    this.setRate(Math.max(-MAX_SLEW, Math.min(MAX_SLEW, -ahead / SLEW_HORIZON_US)));
  }

  /** The sound clock is gone: run free. */
  freeRun(): void {
    this.soundOffsetUs = null;
    this.setRate(0);
  }

  private setRate(rate: number): void {
    this.baseUs = this.nowUs();
    this.baseMonotonicUs = this.monotonic();
    this.rate = rate;
  }
}
