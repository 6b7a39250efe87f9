import { ENGINE_PICTURE_SIZE } from '../../contract/engine';
import { FRAME_HEADER_BYTES, writeFrameHeader, type FrameHeader } from '../../contract/frame';
import type { SourceRect } from './geometry';
import { memoryCanvas, nextPictureVersion, type Picture } from './picture';

const SIDE = ENGINE_PICTURE_SIZE;
/** A layer picture mixed with its source is made no larger than this. */
const MAX_MIX_PIXELS = 1920 * 1080;

/** Squashes the visible part of a picture to the engine's square, so that nothing of it is lost. */
export class EngineInput {
  /** One row more than the square: what is read of it is room for the header, without another copy. */
  readonly #surface = memoryCanvas(SIDE, SIDE + 1, false);
  readonly #header = new ArrayBuffer(FRAME_HEADER_BYTES);

  /** A whole binary message with the RGBA bytes of the square, in a new buffer. */
  read(header: FrameHeader, picture: Picture, source: SourceRect): Uint8Array<ArrayBuffer> {
    const { context } = this.#surface;
    context.fillStyle = '#000000';
    context.fillRect(0, 1, SIDE, SIDE);
    context.drawImage(picture.image, source.x, source.y, source.width, source.height, 0, 1, SIDE, SIDE);
    const { buffer } = context.getImageData(0, 0, SIDE, SIDE + 1).data;
    const message = new Uint8Array(buffer, SIDE * 4 - FRAME_HEADER_BYTES);
    writeFrameHeader(this.#header, header, SIDE * SIDE * 4);
    message.set(new Uint8Array(this.#header));
    return message;
  }
}

/** The newest picture of an engine, on a canvas of its own. */
export class EngineOutput {
  #surface = memoryCanvas(SIDE, SIDE);
  #picture: Picture | null = null;

  get picture(): Picture | null {
    return this.#picture;
  }

  /** Takes RGBA bytes as the engine sent them. */
  write(header: FrameHeader, payload: Uint8Array<ArrayBuffer>): void {
    const { width, height } = header;
    if (this.#surface.canvas.width !== width || this.#surface.canvas.height !== height) {
      this.#surface = memoryCanvas(width, height);
    }
    const pixels = new Uint8ClampedArray(payload.buffer, payload.byteOffset, payload.byteLength);
    this.#surface.context.putImageData(new ImageData(pixels, width, height), 0, 0);
    this.#picture = {
      image: this.#surface.canvas,
      width,
      height,
      version: nextPictureVersion(),
      hasAlpha: false,
      captureUs: header.captureUs,
    };
  }

  clear(): void {
    this.#picture = null;
  }
}

/** How source and engine picture are joined; see `AnimateSettings`. */
export type EngineMix = { mix: number; wipe: number | null };

/** Joins source and engine picture before the layer's own opacity and blending. */
export class EngineMixer {
  #surface: ReturnType<typeof memoryCanvas> | null = null;

  /** The visible part of the source with the engine's picture over it, as one picture without crop. */
  join(source: Picture, rect: SourceRect, engine: Picture, { mix, wipe }: EngineMix): Picture {
    const scale = Math.min(1, Math.sqrt(MAX_MIX_PIXELS / Math.max(1, rect.width * rect.height)));
    const width = Math.max(1, Math.round(rect.width * scale));
    const height = Math.max(1, Math.round(rect.height * scale));
    const { canvas, context } = this.#surfaceOf(width, height);
    const drawSource = () =>
      context.drawImage(source.image, rect.x, rect.y, rect.width, rect.height, 0, 0, width, height);
    context.globalCompositeOperation = 'copy';
    drawSource();
    context.globalCompositeOperation = 'source-over';
    context.save();
    context.beginPath();
    context.rect((wipe ?? 0) * width, 0, width, height);
    context.clip();
    context.globalAlpha = mix;
    context.drawImage(engine.image, 0, 0, width, height);
    context.restore();
    if (source.hasAlpha) {
      // Engines know no transparency: the source's own outline is kept.
      context.globalCompositeOperation = 'destination-in';
      drawSource();
    }
    return {
      image: canvas,
      width,
      height,
      version: nextPictureVersion(),
      hasAlpha: source.hasAlpha,
      captureUs: engine.captureUs,
    };
  }

  #surfaceOf(width: number, height: number): ReturnType<typeof memoryCanvas> {
    const { canvas } = this.#surface ?? {};
    if (this.#surface === null || canvas?.width !== width || canvas.height !== height) {
      this.#surface = memoryCanvas(width, height);
    }
    return this.#surface;
  }
}
