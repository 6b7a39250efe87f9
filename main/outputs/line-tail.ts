import { redactFfmpeg } from './redact';

/** A child that never ends its line must not fill the memory. */
const LONGEST_LINE = 2_000;

/** Keeps the last lines of a stream of text, redacted line by line before they are stored. */
export class LineTail {
  readonly #limit: number;
  readonly #onLine: ((line: string) => void) | undefined;
  #lines: string[] = [];
  #rest = '';

  /** @param onLine Called with each whole line, redacted. */
  constructor(limit: number, onLine?: (line: string) => void) {
    this.#limit = limit;
    this.#onLine = onLine;
  }

  /** Takes a piece of text; lines may be split anywhere. */
  push(text: string): void {
    const pieces = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = (pieces.pop() ?? '').slice(-LONGEST_LINE);
    for (const piece of pieces) this.#store(piece);
  }

  /** The kept lines, oldest first, an unfinished one included. */
  text(): string {
    const lines = this.#rest === '' ? this.#lines : [...this.#lines, redactFfmpeg(this.#rest)];
    return lines.join('\n');
  }

  #store(line: string): void {
    if (line.trim() === '') return;
    const clean = redactFfmpeg(line.slice(0, LONGEST_LINE));
    this.#lines.push(clean);
    if (this.#lines.length > this.#limit) this.#lines.shift();
    this.#onLine?.(clean);
  }
}
