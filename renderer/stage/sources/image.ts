import { StudioError, toStudioError } from '../../../contract/errors';
import { nextPictureVersion, type Picture } from '../picture';
import { SOURCE_OK, SOURCE_WAITING, type LayerSource, type SourceCondition } from './source';

/** A still picture, fetched once. */
export class ImageSource implements LayerSource {
  #bitmap: ImageBitmap | null = null;
  #picture: Picture | null = null;
  #condition: SourceCondition = SOURCE_WAITING;
  readonly #abort = new AbortController();

  constructor(url: string, name: string, nowUs: () => number) {
    void this.#load(url, name, nowUs);
  }

  get condition(): SourceCondition {
    return this.#condition;
  }

  pictureAt(): Picture | null {
    return this.#picture;
  }

  dispose(): void {
    this.#abort.abort();
    this.#bitmap?.close();
    this.#bitmap = null;
    this.#picture = null;
  }

  async #load(url: string, name: string, nowUs: () => number): Promise<void> {
    try {
      const bitmap = await fetchBitmap(url, name, this.#abort.signal);
      if (this.#abort.signal.aborted) return bitmap.close();
      this.#bitmap = bitmap;
      this.#condition = SOURCE_OK;
      this.#picture = {
        image: bitmap,
        width: bitmap.width,
        height: bitmap.height,
        version: nextPictureVersion(),
        hasAlpha: true,
        captureUs: nowUs(),
      };
    } catch (error) {
      if (this.#abort.signal.aborted) return;
      this.#condition = {
        condition: 'error',
        error: toStudioError(error, 'stage', 'media.unsupported').toShape(),
      };
    }
  }
}

async function fetchBitmap(url: string, name: string, signal: AbortSignal): Promise<ImageBitmap> {
  const response = await fetch(url, { signal });
  if (!response.ok) {
    await response.body?.cancel();
    throw new StudioError(
      'stage',
      'media.missing',
      `Picture "${name}" must be readable, got HTTP ${response.status}; put the file back or choose another.`,
    );
  }
  const blob = await response.blob();
  try {
    return await createImageBitmap(blob);
  } catch (cause) {
    throw new StudioError(
      'stage',
      'media.unsupported',
      `Picture "${name}" must be an image this browser shows, got ${blob.type || 'an unknown type'}; convert it to PNG or JPEG.`,
      { cause },
    );
  }
}
