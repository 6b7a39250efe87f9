import type { CaptionUpdate } from '../../contract/captions';
import { toStudioError } from '../../contract/errors';
import type { LiveState, RecordingLive } from '../../contract/live';
import { CaptionFiles } from '../outputs/captions/caption-files';
import { RecordingTimes } from '../outputs/captions/recording-times';
import type { Studio } from '../studio/studio';

const NOTICE = 'captions-files';
const LAST_WORDS_MS = 1500;

type Session = {
  files: Promise<CaptionFiles | null>;
  times: RecordingTimes;
  pausedAtDurationUs: number | null;
  ending: NodeJS.Timeout | null;
};

/**
 * Writes `.srt` and `.vtt` beside each recording, while captions are on and their files wanted:
 * begun with the first recorded picture, so that times are the recording's own.
 */
export class CaptionFilesDesk {
  private readonly studio: Studio;
  private readonly nowUs: () => number;
  private readonly stopListening: () => void;
  private session: Session | null = null;
  private closing: Promise<unknown> = Promise.resolve();

  constructor(studio: Studio, nowUs: () => number) {
    this.studio = studio;
    this.nowUs = nowUs;
    this.stopListening = studio.onState((state, previous) => {
      if (state.recording !== previous.recording) this.follow(state, previous.recording);
    });
  }

  /** Words were heard; those spoken while nothing was recorded are left out. */
  heard(update: CaptionUpdate): void {
    void this.session?.files.then((files) => files?.heard(update));
  }

  /** Finishes what is being written. */
  async close(): Promise<void> {
    this.stopListening();
    this.end();
    await this.closing;
  }

  private follow(state: LiveState, before: RecordingLive): void {
    const { recording } = state;
    if (recording.state === 'finishing') this.session?.times.end(this.nowUs());
    if (recording.state === 'idle') return this.endSoon();
    if (this.session?.ending && recording.state === 'recording') this.end();
    if (this.session === null) {
      const { enabled, files } = state.project.captions;
      const begun = recording.state === 'recording' && recording.durationUs > 0;
      if (enabled && files && begun && recording.startedUs !== null && recording.file !== null) {
        this.begin(recording.file, recording.durationUs);
      }
    } else if (recording.state === 'paused' && before.state === 'recording') {
      this.session.times.end(this.nowUs());
      this.session.pausedAtDurationUs = recording.durationUs;
    } else if (recording.state === 'recording' && this.session.pausedAtDurationUs !== null) {
      this.goOn(this.session, recording, this.session.pausedAtDurationUs);
    }
  }

  /** Captions may be switched on late, and after pauses: time counts back from what is in the file. */
  private begin(file: string, durationUs: number): void {
    const times = new RecordingTimes();
    times.begin(this.nowUs() - durationUs, 0);
    const files = CaptionFiles.open({
      basePath: file.replace(/(\.recording)?\.(mkv|mp4)$/, ''),
      toFileUs: (programmeUs) => times.toFileUs(programmeUs),
      onFailed: (error) => this.studio.notify(NOTICE, error.toShape()),
    }).catch((error: unknown) => {
      this.studio.notify(NOTICE, toStudioError(error, 'output', 'captions.files').toShape());
      return null;
    });
    this.session = { files, times, pausedAtDurationUs: null, ending: null };
  }

  /** The file grows again: its time stood still from the pause to the key frame just written. */
  private goOn(session: Session, recording: RecordingLive, pausedAtUs: number): void {
    const grownUs = recording.durationUs - pausedAtUs;
    if (grownUs <= 0) return;
    session.times.begin(this.nowUs() - grownUs, pausedAtUs);
    session.pausedAtDurationUs = null;
  }

  /** The last words are told a little after they were said. */
  private endSoon(): void {
    const { session } = this;
    if (session === null || session.ending !== null) return;
    session.times.end(this.nowUs());
    session.ending = setTimeout(() => {
      if (this.session === session) this.end();
    }, LAST_WORDS_MS);
  }

  private end(): void {
    const { session } = this;
    if (session === null) return;
    if (session.ending !== null) clearTimeout(session.ending);
    this.session = null;
    session.times.end(this.nowUs());
    this.closing = this.closing.then(async () => (await session.files)?.finish());
  }
}
