import type { StudioError } from '../../contract/errors';
import { toStudioError } from '../../contract/errors';
import type { MediaSound } from './media-sound';
import { planSegments, SAMPLE_RATE, type Timeline } from './schedule';
import { Voice } from './voice';

/** Decoding begins this far ahead of the sound clock. */
const LEAD_FRAMES = SAMPLE_RATE / 10;
/** Sound is scheduled up to this far ahead, so that a busy window does not make a hole. */
const LOOKAHEAD_FRAMES = 2 * SAMPLE_RATE;
const CHUNK_FRAMES = SAMPLE_RATE / 2;

/** Where a medium plays; its length is the medium's own affair. */
export type Position = Omit<Timeline, 'durationUs'>;

/** A source that schedules sound ahead; `pump` is called several times a second. */
export type Player = { pump(): void; dispose(): void };

/** Plays the sound track of a film or a sound file in step with programme time. */
export class MediaPlayer implements Player {
  readonly #context: BaseAudioContext;
  readonly #output: AudioNode;
  readonly #onError: (error: StudioError) => void;
  readonly #opening: Promise<MediaSound | null>;
  #position: Position | null = null;
  #voice: Voice | null = null;
  #scheduledTo = 0;
  #pumping = false;
  #disposed = false;

  /** `open` is called once; what goes wrong in it or in decoding is told to `onError` and ends the sound. */
  constructor(
    context: BaseAudioContext,
    output: AudioNode,
    open: () => Promise<MediaSound>,
    onError: (error: StudioError) => void,
  ) {
    this.#context = context;
    this.#output = output;
    this.#onError = onError;
    this.#opening = open().catch((error: unknown) => this.#fail(error));
  }

  /** Plays at this position from now on; null is silence. The same position again changes nothing. */
  follow(position: Position | null): void {
    if (samePosition(position, this.#position)) return;
    this.#position = position;
    this.#endVoice();
    this.pump();
  }

  pump(): void {
    if (this.#pumping || this.#disposed || !this.#position) return;
    this.#pumping = true;
    void this.#fill()
      .catch((error: unknown) => {
        this.#disposed = true;
        this.#fail(error);
      })
      .finally(() => (this.#pumping = false));
  }

  dispose(): void {
    this.#disposed = true;
    this.#position = null;
    this.#endVoice();
    void this.#opening.then((media) => media?.dispose());
  }

  async #fill(): Promise<void> {
    const media = await this.#opening;
    while (media?.reader && this.#position && !this.#disposed) {
      const position = this.#position;
      const earliest = Math.ceil(this.#context.currentTime * SAMPLE_RATE) + LEAD_FRAMES;
      const from = Math.max(this.#scheduledTo, earliest);
      if (from + CHUNK_FRAMES > earliest + LOOKAHEAD_FRAMES) return;
      const timeline = { ...position, durationUs: media.durationUs };
      for (const segment of planSegments(timeline, from, from + CHUNK_FRAMES)) {
        const planes = await media.reader.read(segment.mediaFrame, segment.frames);
        if (this.#position !== position || this.#disposed) break;
        this.#voice ??= new Voice(this.#context, this.#output, planes.length);
        this.#voice.play(segment.frame, planes, segment.mediaFrame > 0);
      }
      if (this.#position === position) this.#scheduledTo = from + CHUNK_FRAMES;
    }
  }

  #endVoice(): void {
    this.#voice?.end();
    this.#voice = null;
    this.#scheduledTo = 0;
  }

  #fail(error: unknown): null {
    if (!this.#disposed || this.#position) this.#onError(toStudioError(error, 'sound', 'media.unsupported'));
    this.#endVoice();
    return null;
  }
}

function samePosition(a: Position | null, b: Position | null): boolean {
  if (a === null || b === null) return a === b;
  return a.anchorUs === b.anchorUs && a.originUs === b.originUs && a.loop === b.loop;
}
