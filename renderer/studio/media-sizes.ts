import { MEDIA_PATH } from '../../contract/rpc';
import type { Source } from '../../contract/project';
import type { Extent } from './model/geometry';

const PATIENCE_MS = 4000;

/** What the browser tells of a film before it plays; null for what it has not or does not tell. */
type FilmFacts = { size: Extent | null; durationUs: number | null };
const UNKNOWN_FILM: FilmFacts = { size: null, durationUs: null };

/**
 * Natural sizes in pixels of films and images, and lengths of films, asked of the browser
 * once a medium. Null when it has none or does not tell in time.
 */
export class MediaSizes {
  readonly #films = new Map<string, Promise<FilmFacts>>();
  readonly #images = new Map<string, Promise<Extent | null>>();

  async of(source: Source): Promise<Extent | null> {
    if (source.kind === 'film') return (await this.#film(source.mediaId)).size;
    if (source.kind === 'image') return once(this.#images, source.mediaId, imageSize);
    return null;
  }

  /** Length of a film in µs. */
  async durationUs(mediaId: string): Promise<number | null> {
    return (await this.#film(mediaId)).durationUs;
  }

  #film(mediaId: string): Promise<FilmFacts> {
    return once(this.#films, mediaId, filmFacts);
  }
}

function once<T>(
  known: Map<string, Promise<T>>,
  mediaId: string,
  ask: (url: string) => Promise<T>,
): Promise<T> {
  const asked = known.get(mediaId) ?? ask(MEDIA_PATH + mediaId);
  known.set(mediaId, asked);
  return asked;
}

function filmFacts(url: string): Promise<FilmFacts> {
  const video = document.createElement('video');
  const facts = new Promise<FilmFacts>((settle) => {
    video.addEventListener('loadedmetadata', () => settle(factsOf(video)), { once: true });
    video.addEventListener('error', () => settle(UNKNOWN_FILM), { once: true });
    setTimeout(settle, PATIENCE_MS, UNKNOWN_FILM);
  });
  video.preload = 'metadata';
  video.muted = true;
  video.src = url;
  return facts.finally(() => {
    // Lets the browser close the file.
    video.removeAttribute('src');
    video.load();
  });
}

function factsOf({ videoWidth, videoHeight, duration }: HTMLVideoElement): FilmFacts {
  return {
    size: videoWidth > 0 ? { width: videoWidth, height: videoHeight } : null,
    durationUs: Number.isFinite(duration) && duration > 0 ? duration * 1e6 : null,
  };
}

function imageSize(url: string): Promise<Extent | null> {
  const image = new Image();
  image.src = url;
  return Promise.race([
    image.decode().then(
      () => ({ width: image.naturalWidth, height: image.naturalHeight }),
      () => null,
    ),
    new Promise<null>((settle) => setTimeout(settle, PATIENCE_MS, null)),
  ]);
}
