import { toStudioError } from '../../../contract/errors';
import { releaseFrame } from '../frames';
import { nextPictureVersion, type Picture } from '../picture';
import { openFilm, type Film, type FilmFrame } from './film-decoder';
import { filmTimeUs, mustSeek, type FilmPosition } from './film-time';
import { SOURCE_OK, SOURCE_WAITING, type LayerSource, type SourceCondition } from './source';

/** Decoded pictures that wait for their time. */
const AHEAD = 4;
/** A decoder that cannot keep up is sent ahead no more often than this. */
const CATCH_UP_INTERVAL_US = 3_000_000;

/** Opens the media of a film layer; tests give their own. */
export type OpenFilm = (url: string, name: string) => Promise<Film>;

/**
 * Plays a film by the programme clock: each tick shows the picture whose film time has come,
 * whatever the film's own rate. A few pictures are decoded ahead, no more.
 */
export class FilmSource implements LayerSource {
  #film: Film | null = null;
  #position: FilmPosition;
  #queue: FilmFrame[] = [];
  #shown: FilmFrame | null = null;
  #picture: Picture | null = null;
  #condition: SourceCondition = SOURCE_WAITING;
  #disposed = false;
  /** Rises at each seek; a decoding loop of an older one ends. */
  #run = 0;
  #decoding: AsyncGenerator<FilmFrame, void, unknown> | null = null;
  #aheadUs = 0;
  /** Tick of the last seek, µs. */
  #soughtUs = 0;
  #wake: (() => void) | null = null;

  constructor(url: string, name: string, position: FilmPosition, open: OpenFilm = openFilm) {
    this.#position = position;
    open(url, name).then(
      (film) => {
        if (this.#disposed) film.dispose();
        else this.#film = film;
      },
      (error: unknown) => this.#fail(error),
    );
  }

  get condition(): SourceCondition {
    return this.#condition;
  }

  /** Takes a new origin, pause or loop; the next tick seeks if it must. */
  move(position: FilmPosition): void {
    if (position.loop !== this.#position.loop) this.#restart();
    this.#position = position;
  }

  pictureAt(tickUs: number): Picture | null {
    const film = this.#film;
    if (film === null) return null;
    const timeUs = filmTimeUs(tickUs, this.#position, film.durationUs);
    if (this.#decoding === null || this.#mustSeek(timeUs, tickUs)) {
      this.#seek(film, timeUs);
      this.#soughtUs = tickUs;
    }
    this.#advance(timeUs, tickUs);
    return this.#picture;
  }

  dispose(): void {
    this.#disposed = true;
    this.#restart();
    releaseFrame(this.#shown?.frame ?? null);
    this.#shown = null;
    this.#picture = null;
    this.#film?.dispose();
    this.#film = null;
  }

  #mustSeek(timeUs: number, tickUs: number): boolean {
    const shownUs = this.#shown?.timeUs ?? null;
    if (shownUs !== null && timeUs < shownUs) return true;
    const late = Math.abs(tickUs - this.#soughtUs) > CATCH_UP_INTERVAL_US;
    return late && mustSeek(timeUs, shownUs, this.#aheadUs);
  }

  #seek(film: Film, timeUs: number): void {
    this.#restart();
    this.#aheadUs = timeUs;
    const frames = film.frames(timeUs, this.#position.loop);
    this.#decoding = frames;
    void this.#decode(frames, this.#run);
  }

  /** Ends decoding and forgets what was decoded; the picture on stage stays. */
  #restart(): void {
    this.#run += 1;
    void this.#decoding?.return().catch(() => undefined);
    this.#decoding = null;
    for (const waiting of this.#queue) releaseFrame(waiting.frame);
    this.#queue = [];
    if (this.#shown !== null) this.#shown.timeUs = Number.NEGATIVE_INFINITY;
    this.#wake?.();
  }

  async #decode(frames: AsyncGenerator<FilmFrame, void, unknown>, run: number): Promise<void> {
    try {
      for await (const frame of frames) {
        if (this.#run !== run) {
          releaseFrame(frame.frame);
          return;
        }
        this.#queue.push(frame);
        this.#aheadUs = frame.timeUs;
        while (this.#queue.length >= AHEAD && this.#run === run) {
          await new Promise<void>((resolve) => (this.#wake = resolve));
        }
      }
      // The end of a film that does not loop: nothing is ahead, and no seek is needed to stay there.
      if (this.#run === run) this.#aheadUs = Number.POSITIVE_INFINITY;
    } catch (error) {
      if (this.#run === run) this.#fail(error);
    }
  }

  #advance(timeUs: number, tickUs: number): void {
    let next: FilmFrame | null = null;
    // The very first picture is shown as soon as it is there, even if its time is a little ahead.
    while (this.#queue[0] !== undefined && (this.#queue[0].timeUs <= timeUs || this.#isFirst(next))) {
      releaseFrame(next?.frame ?? null);
      next = this.#queue.shift() ?? null;
    }
    if (next === null) return;
    releaseFrame(this.#shown?.frame ?? null);
    this.#shown = { frame: next.frame, timeUs: Math.min(next.timeUs, timeUs) };
    this.#condition = SOURCE_OK;
    this.#picture = {
      image: next.frame,
      width: next.frame.displayWidth,
      height: next.frame.displayHeight,
      version: nextPictureVersion(),
      hasAlpha: false,
      captureUs: tickUs,
    };
    this.#wake?.();
  }

  #isFirst(next: FilmFrame | null): boolean {
    return next === null && (this.#shown === null || this.#shown.timeUs === Number.NEGATIVE_INFINITY);
  }

  #fail(error: unknown): void {
    if (this.#disposed) return;
    this.#condition = {
      condition: 'error',
      error: toStudioError(error, 'stage', 'media.unsupported').toShape(),
    };
  }
}
