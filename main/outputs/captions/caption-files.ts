import { open, unlink, type FileHandle } from 'node:fs/promises';
import type { CaptionUpdate } from '../../../contract/captions';
import { StudioError } from '../../../contract/errors';
import { CaptionTrack } from './caption-track';
import { CueMaker, type Cue, type TimedWord } from './cue-maker';
import { SRT, VTT, type SubtitleFormat } from './subtitle-formats';

const FORMATS: readonly SubtitleFormat[] = [SRT, VTT];

export type CaptionFilesOptions = {
  /** Path of the recording without its ending; `.srt` and `.vtt` are put to it. */
  basePath: string;
  /** Programme time to the recording's time, µs; null for what was not recorded. */
  toFileUs: (programmeUs: number) => number | null;
  /** Told once when a file cannot be written; nothing more is written then. */
  onFailed: (error: StudioError) => void;
};

type OpenFile = { format: SubtitleFormat; path: string; handle: FileHandle };

/**
 * The subtitle files beside a recording. Each cue is put to their ends once it is complete, in
 * one write, so that a kill at any moment leaves files that every player reads.
 */
export class CaptionFiles {
  readonly #options: CaptionFilesOptions;
  readonly #files: readonly OpenFile[];
  readonly #track = new CaptionTrack();
  readonly #cues = new CueMaker();
  #count = 0;
  #writing: Promise<void> = Promise.resolve();
  #failed = false;

  private constructor(options: CaptionFilesOptions, files: readonly OpenFile[]) {
    this.#options = options;
    this.#files = files;
  }

  /**
   * Makes both files; those of an earlier recording of that name are replaced.
   * @throws StudioError `captions.files`.
   */
  static async open(options: CaptionFilesOptions): Promise<CaptionFiles> {
    const files: OpenFile[] = [];
    try {
      for (const format of FORMATS) {
        const path = `${options.basePath}.${format.ending}`;
        const handle = await open(path, 'w');
        files.push({ format, path, handle });
        await handle.write(format.head);
      }
    } catch (cause) {
      await Promise.allSettled(files.map(({ handle }) => handle.close()));
      throw filesError(options.basePath, cause);
    }
    return new CaptionFiles(options, files);
  }

  /** Takes what was heard; the writing goes on by itself. */
  heard(update: CaptionUpdate): void {
    const words = this.#track.apply(update).flatMap((word): TimedWord[] => {
      const startUs = this.#options.toFileUs(word.startUs);
      if (startUs === null) return [];
      const { text, begins } = word;
      return [{ text, begins, startUs, endUs: startUs + word.endUs - word.startUs }];
    });
    this.#write(this.#cues.push(words));
    this.quiet(update.heardUs);
  }

  /** Nothing more will come of what was said before this programme time, beside the drafts. */
  quiet(programmeUs: number): void {
    const fileUs = this.#track.drafts.length > 0 ? null : this.#options.toFileUs(programmeUs);
    if (fileUs !== null) this.#write(this.#cues.settle(fileUs));
  }

  /**
   * Writes what is left and closes the files; without any word both are removed.
   * @returns the paths of the files.
   */
  async finish(): Promise<string[]> {
    this.#write(this.#cues.close());
    await this.#writing;
    await Promise.allSettled(this.#files.map(({ handle }) => handle.close()));
    const paths = this.#files.map(({ path }) => path);
    if (this.#count > 0) return paths;
    await Promise.allSettled(paths.map((path) => unlink(path)));
    return [];
  }

  #write(cues: readonly Cue[]): void {
    for (const cue of cues) {
      const number = ++this.#count;
      this.#writing = this.#writing.then(() => this.#append(cue, number));
    }
  }

  async #append(cue: Cue, number: number): Promise<void> {
    if (this.#failed) return;
    try {
      for (const { format, handle } of this.#files) await handle.appendFile(format.cue(cue, number));
    } catch (cause) {
      this.#failed = true;
      this.#options.onFailed(filesError(this.#options.basePath, cause));
    }
  }
}

function filesError(basePath: string, cause: unknown): StudioError {
  const message = `The captions must be written to ${basePath}.srt and .vtt and cannot; choose another folder, or make room.`;
  return new StudioError('output', 'captions.files', message, { cause });
}
