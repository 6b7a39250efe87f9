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

  /** @param scrub removes secrets from each line before it is written */
  constructor(file: string, scrub: (text: string) => string) {
    this.file = file;
    this.scrub = scrub;
    this.stream = createWriteStream(file, { flags: 'a' });
    this.stream.on('error', (error) => {
      this.failed = error;
    });
  }

  /** Appends one entry; after a write error entries are dropped and `error` says why. */
  write(entry: SessionEntry): void {
    if (this.failed) return;
    this.stream.write(`${this.scrub(JSON.stringify(entry))}\n`);
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
