import { randomBytes } from 'node:crypto';

const VALID_MS = 60_000;
/** Windows that are opened at once are few; more codes than this are somebody's mistake. */
const MOST_CODES = 16;

/**
 * Codes that open the page once. A window's address stands in its command line, where other
 * users of the machine can read it: the token must not be there, and a used code is worthless.
 */
export class LaunchCodes {
  private readonly codes = new Map<string, number>();
  private readonly nowMs: () => number;

  constructor(nowMs: () => number = Date.now) {
    this.nowMs = nowMs;
  }

  /** A new code, good for a minute. */
  issue(): string {
    const code = randomBytes(18).toString('base64url');
    this.codes.set(code, this.nowMs() + VALID_MS);
    const oldest = this.codes.keys().next().value;
    if (this.codes.size > MOST_CODES && oldest) this.codes.delete(oldest);
    return code;
  }

  /** Whether the code is good; it is used up by asking. */
  redeem(code: string): boolean {
    const validUntil = this.codes.get(code);
    this.codes.delete(code);
    return validUntil !== undefined && this.nowMs() <= validUntil;
  }
}
