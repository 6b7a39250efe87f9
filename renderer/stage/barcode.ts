/**
 * The clock barcode of the test card: 32 bits of programme milliseconds as 8 × 4 black or
 * white blocks, most significant bit first, left to right and top to bottom. Blocks are
 * large, so that the code survives encoding, scaling and a network.
 */
export const BARCODE_COLUMNS = 8;
export const BARCODE_ROWS = 4;

/** A rectangle in fractions of the test card. */
export type CardRect = { x: number; y: number; width: number; height: number };

/** Where the barcode stands on the test card. */
export const BARCODE_RECT: CardRect = { x: 0.05, y: 0.62, width: 0.25, height: 0.25 };
/** The patch that is white for the first 100 ms of every whole programme second. */
export const FLASH_RECT: CardRect = { x: 0.75, y: 0.62, width: 0.2, height: 0.25 };
/** How long flash and beep last, in µs. */
export const FLASH_US = 100_000;

/** A grey picture: one byte a pixel, rows top to bottom without padding. */
export type GreyPicture = { data: Uint8Array; width: number; height: number };

/** The blocks of a time in programme milliseconds (taken modulo 2³²); true is white. */
export function encodeBarcode(programmeMs: number): boolean[] {
  const value = programmeMs >>> 0;
  return Array.from(
    { length: BARCODE_COLUMNS * BARCODE_ROWS },
    (_, bit) => ((value >>> (31 - bit)) & 1) === 1,
  );
}

/** The programme milliseconds that 32 blocks stand for. */
export function decodeBarcode(blocks: readonly boolean[]): number {
  return blocks.reduce((value, white) => ((value << 1) | (white ? 1 : 0)) >>> 0, 0);
}

/**
 * Reads the barcode from a picture of the test card.
 * @param card where the card stands in the picture, in fractions; default: it fills the picture.
 * @returns programme milliseconds, or null where a block is neither black nor white.
 */
export function readBarcode(
  picture: GreyPicture,
  card: CardRect = { x: 0, y: 0, width: 1, height: 1 },
): number | null {
  const blocks: boolean[] = [];
  for (let row = 0; row < BARCODE_ROWS; row += 1) {
    for (let column = 0; column < BARCODE_COLUMNS; column += 1) {
      const level = meanLevel(picture, blockRect(card, column, row));
      if (level > 80 && level < 176) return null;
      blocks.push(level >= 128);
    }
  }
  return decodeBarcode(blocks);
}

/** Whether the flash patch of a test card is lit. */
export function readFlash(
  picture: GreyPicture,
  card: CardRect = { x: 0, y: 0, width: 1, height: 1 },
): boolean {
  return meanLevel(picture, inner(within(card, FLASH_RECT))) >= 128;
}

function blockRect(card: CardRect, column: number, row: number): CardRect {
  const code = within(card, BARCODE_RECT);
  const width = code.width / BARCODE_COLUMNS;
  const height = code.height / BARCODE_ROWS;
  return inner({ x: code.x + column * width, y: code.y + row * height, width, height });
}

function within(outer: CardRect, rect: CardRect): CardRect {
  return {
    x: outer.x + rect.x * outer.width,
    y: outer.y + rect.y * outer.height,
    width: rect.width * outer.width,
    height: rect.height * outer.height,
  };
}

/** The middle half, away from the neighbours' ringing. */
function inner(rect: CardRect): CardRect {
  return {
    x: rect.x + rect.width / 4,
    y: rect.y + rect.height / 4,
    width: rect.width / 2,
    height: rect.height / 2,
  };
}

function meanLevel(picture: GreyPicture, rect: CardRect): number {
  const left = Math.floor(rect.x * picture.width);
  const top = Math.floor(rect.y * picture.height);
  const right = Math.max(left + 1, Math.ceil((rect.x + rect.width) * picture.width));
  const bottom = Math.max(top + 1, Math.ceil((rect.y + rect.height) * picture.height));
  let sum = 0;
  for (let y = top; y < bottom; y += 1) {
    for (let x = left; x < right; x += 1) sum += picture.data[y * picture.width + x] ?? 0;
  }
  return sum / ((right - left) * (bottom - top));
}
