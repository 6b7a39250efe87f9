import { MEDIA_PATH } from '../../contract/rpc';
import type { Source } from '../../contract/project';
import type { Extent } from './model/geometry';

const PATIENCE_MS = 4000;

/**
 * Natural sizes in pixels of films and images, asked of the browser once a medium. Null when
 * it has none or does not tell in time.
 */
export class MediaSizes {
  readonly #known = new Map<string, Promise<Extent | null>>();

  of(source: Source): Promise<Extent | null> {
    if (source.kind !== 'film' && source.kind !== 'image') return Promise.resolve(null);
    const known = this.#known.get(source.mediaId);
    if (known) return known;
    const url = MEDIA_PATH + source.mediaId;
    const asked = source.kind === 'film' ? filmSize(url) : imageSize(url);
    this.#known.set(source.mediaId, asked);
    return asked;
  }
}

function filmSize(url: string): Promise<Extent | null> {
  const video = document.createElement('video');
  const size = new Promise<Extent | null>((settle) => {
    video.addEventListener(
      'loadedmetadata',
      () => settle(video.videoWidth > 0 ? { width: video.videoWidth, height: video.videoHeight } : null),
      { once: true },
    );
    video.addEventListener('error', () => settle(null), { once: true });
    setTimeout(settle, PATIENCE_MS, null);
  });
  video.preload = 'metadata';
  video.muted = true;
  video.src = url;
  return size.finally(() => {
    // Lets the browser close the file.
    video.removeAttribute('src');
    video.load();
  });
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
