/** One report of ffmpeg's `-progress`: counts since the process began. */
export type FfmpegProgress = { frames: number; totalBytes: number; ended: boolean };

/**
 * Reads ffmpeg's `-progress` stream: lines of `name=value`, closed by `progress=continue` or
 * `progress=end`. Unknown names are for others; `N/A` counts as 0.
 */
export class ProgressReader {
  readonly #onProgress: (progress: FfmpegProgress) => void;
  #rest = '';
  #values = new Map<string, string>();

  constructor(onProgress: (progress: FfmpegProgress) => void) {
    this.#onProgress = onProgress;
  }

  /** Takes a piece of the stream; lines may be split anywhere. */
  push(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = (lines.pop() ?? '').slice(-1_000);
    for (const line of lines) this.#line(line.trim());
  }

  #line(line: string): void {
    const equals = line.indexOf('=');
    if (equals <= 0) return;
    const name = line.slice(0, equals);
    const value = line.slice(equals + 1).trim();
    if (name !== 'progress') {
      this.#values.set(name, value);
      return;
    }
    const values = this.#values;
    this.#values = new Map();
    this.#onProgress({
      frames: count(values.get('frame')),
      totalBytes: count(values.get('total_size')),
      ended: value === 'end',
    });
  }
}

function count(text: string | undefined): number {
  const value = Number(text);
  return Number.isFinite(value) && value > 0 ? Math.floor(value) : 0;
}
