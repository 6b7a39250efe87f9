import { spawnSync } from 'node:child_process';
import { BARCODE_COLUMNS, BARCODE_RECT, BARCODE_ROWS, encodeBarcode } from '../../renderer/stage/barcode';

const WIDTH = 640;
const HEIGHT = 360;

/** Makes an MP4 whose every picture carries its own film time in ms as the test card's barcode. */
export function makeBarcodeFilm(file: string, seconds: number, rate: number): void {
  const pictures = Array.from({ length: seconds * rate }, (_, index) =>
    paint(Math.floor((index * 1000) / rate)),
  );
  const { status, stderr } = spawnSync(
    'ffmpeg',
    // prettier-ignore
    ['-v', 'error', '-y', '-f', 'rawvideo', '-pix_fmt', 'gray', '-s', `${WIDTH}x${HEIGHT}`, '-r', String(rate),
      '-i', 'pipe:0', '-t', String(seconds), '-c:v', 'libx264', '-preset', 'ultrafast', '-bf', '2', '-g', String(rate),
      '-pix_fmt', 'yuv420p', file],
    { input: Buffer.concat(pictures), timeout: 60_000 },
  );
  if (status !== 0) throw new Error(`ffmpeg failed: ${stderr.toString()}`);
}

function paint(ms: number): Buffer {
  const picture = Buffer.alloc(WIDTH * HEIGHT, 128);
  const blockWidth = (BARCODE_RECT.width * WIDTH) / BARCODE_COLUMNS;
  const blockHeight = (BARCODE_RECT.height * HEIGHT) / BARCODE_ROWS;
  encodeBarcode(ms).forEach((white, bit) => {
    const left = Math.round(BARCODE_RECT.x * WIDTH + (bit % BARCODE_COLUMNS) * blockWidth);
    const top = Math.round(BARCODE_RECT.y * HEIGHT + Math.floor(bit / BARCODE_COLUMNS) * blockHeight);
    for (let y = top; y < top + Math.round(blockHeight); y += 1) {
      picture.fill(white ? 255 : 0, y * WIDTH + left, y * WIDTH + left + Math.round(blockWidth));
    }
  });
  return picture;
}
