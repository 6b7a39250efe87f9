import { createWriteStream, type WriteStream } from 'node:fs';

/** One line of a session log. */
export type SessionEntry = { atUs: number; kind: string } & Record<string, unknown>;

/**
 * A JSON Lines file beside a recording: what the show began with and every command and
 * event with its programme time, so that it can be told or rendered again.
 */
export class SessionLog {
  readonly file: string;
  private readonly stream: WriteStream;
  private readonly scrub: (text: string) => string;
  private failed: Error | null = null;

  /**
   * @param scrub removes secrets from each text before it is written
   * @param onFailed called once, when the log can be written no longer
   */
  constructor(file: string, scrub: (text: string) => string, onFailed?: (error: Error) => void) {
    this.file = file;
    this.scrub = scrub;
    this.stream = createWriteStream(file, { flags: 'a' });
    this.stream.on('error', (error) => {
      if (!this.failed) onFailed?.(error);
      this.failed ??= error;
    });
  }

  /** Appends one entry; after a write error entries are dropped and `error` says why. */
  write(entry: SessionEntry): void {
    if (this.failed) return;
    // Text by text, so that nothing is cut across the quotes of two of them.
    const clean = (_: string, value: unknown): unknown =>
      typeof value === 'string' ? this.scrub(value) : value;
    this.stream.write(`${JSON.stringify(entry, clean)}\n`);
  }

  /** The write error that ended the log, if any. */
  get error(): Error | null {
    return this.failed;
  }

  /** Resolves when everything is on disk. */
  close(): Promise<void> {
    return new Promise((resolve) => {
      if (this.failed || this.stream.destroyed) resolve();
      else {
        this.stream.on('error', () => resolve());
        this.stream.end(() => resolve());
      }
    });
  }
}
