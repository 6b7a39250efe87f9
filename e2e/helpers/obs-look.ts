import type { OBSWebSocket } from 'obs-websocket-js/json';
import { readBitmap, readDataUrl } from '../../main/outputs/obs/bitmap';
import { readBarcode, type GreyPicture } from '../../renderer/stage/barcode';

/** What OBS shows of a source or scene, its barcode in ms, null without one, and when it was asked and answered. */
export type ObsLook = {
  picture: GreyPicture | null;
  barcodeMs: number | null;
  askedUs: number;
  answeredUs: number;
};

/** Takes a picture of a source of OBS and reads the clock barcode in it. */
export async function lookAtObs(
  socket: OBSWebSocket,
  sourceName: string,
  nowUs: () => number,
): Promise<ObsLook> {
  const askedUs = nowUs();
  const size = { imageWidth: 320, imageHeight: 180 };
  const image = await socket
    .call('GetSourceScreenshot', { sourceName, imageFormat: 'bmp', ...size })
    .then(({ imageData }) => readBitmap(readDataUrl(imageData)!))
    .catch(() => null);
  return { picture: image, barcodeMs: image && readBarcode(image), askedUs, answeredUs: nowUs() };
}
