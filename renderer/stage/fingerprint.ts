import { memoryCanvas } from './picture';

export const FINGERPRINT_WIDTH = 32;
export const FINGERPRINT_HEIGHT = 18;

/** Makes tiny luma pictures of the programme, by which it is found again in another program's picture. */
export class Fingerprinter {
  #surface: ReturnType<typeof memoryCanvas> | null = null;

  /** 32 × 18 luma bytes (BT.709 of the encoded values), row by row, in base64. */
  take(picture: CanvasImageSource): string {
    const { context } = (this.#surface ??= memoryCanvas(FINGERPRINT_WIDTH, FINGERPRINT_HEIGHT, false));
    // The usual quality looks at a few pixels of each forty by forty: another program's scaling takes their mean.
    context.imageSmoothingQuality = 'medium';
    context.drawImage(picture, 0, 0, FINGERPRINT_WIDTH, FINGERPRINT_HEIGHT);
    const { data } = context.getImageData(0, 0, FINGERPRINT_WIDTH, FINGERPRINT_HEIGHT);
    let text = '';
    for (let at = 0; at < data.length; at += 4) {
      text += String.fromCharCode(
        Math.round(0.2126 * data[at]! + 0.7152 * data[at + 1]! + 0.0722 * data[at + 2]!),
      );
    }
    return btoa(text);
  }
}
