import { StudioError } from '../../../contract/errors';
import { ownFrame, releaseFrame } from '../frames';
import { memoryCanvas, nextPictureVersion, type Picture } from '../picture';
import { SOURCE_OK, SOURCE_WAITING, type LayerSource, type SourceCondition } from './source';

/** A camera that gives no frame for this long is lost. */
const LOST_AFTER_US = 2_000_000;
/** How much darker the last picture of a lost camera is shown. */
const HELD_SHADE = 0.5;

/**
 * The newest frame of a camera. The frames come from the window as a transferred stream
 * (capture APIs exist there only). At most two are held, the one on stage and a newer one;
 * when the camera stops, its last picture is copied so that the camera's pool gets its frame
 * back, and shown dimmed.
 */
export class CameraSource implements LayerSource {
  readonly #nowUs: () => number;
  #reader: ReadableStreamDefaultReader<VideoFrame> | null = null;
  #incoming: VideoFrame | null = null;
  #incomingUs = 0;
  #current: VideoFrame | null = null;
  #picture: Picture | null = null;
  #lastFrameUs: number | null = null;
  #lossReported: SourceCondition | null = null;
  #condition: SourceCondition = SOURCE_WAITING;

  constructor(nowUs: () => number) {
    this.#nowUs = nowUs;
  }

  get condition(): SourceCondition {
    return this.#condition;
  }

  /** Reads from this stream from now on; an earlier one is given up. */
  attach(frames: ReadableStream<VideoFrame>): void {
    void this.#reader?.cancel().catch(() => undefined);
    this.#reader = frames.getReader();
    this.#lossReported = null;
    void this.#read(this.#reader);
  }

  /** The window says why there are no frames; a new frame ends it. */
  lost(condition: SourceCondition): void {
    // A frame that still waits is the last picture: left there it would undo the loss at the next tick.
    if (this.#incoming !== null) this.#show(this.#incoming);
    this.#lossReported = condition;
    this.#condition = condition;
    this.#hold();
  }

  pictureAt(): Picture | null {
    if (this.#incoming !== null) this.#show(this.#incoming);
    else this.#watch();
    return this.#picture;
  }

  dispose(): void {
    void this.#reader?.cancel().catch(() => undefined);
    this.#reader = null;
    releaseFrame(this.#incoming);
    releaseFrame(this.#current);
    this.#incoming = null;
    this.#current = null;
    this.#picture = null;
  }

  async #read(reader: ReadableStreamDefaultReader<VideoFrame>): Promise<void> {
    try {
      for (;;) {
        const { value, done } = await reader.read();
        if (done) return;
        if (this.#reader !== reader) {
          value.close();
          return;
        }
        releaseFrame(this.#incoming);
        this.#incoming = ownFrame(value);
        this.#incomingUs = this.#nowUs();
        this.#lastFrameUs = this.#incomingUs;
        this.#lossReported = null;
      }
    } catch {
      // The stream broke with its camera; the watchdog says so when no other stream comes.
    }
  }

  #show(frame: VideoFrame): void {
    this.#incoming = null;
    releaseFrame(this.#current);
    this.#current = frame;
    this.#condition = SOURCE_OK;
    this.#picture = {
      image: frame,
      width: frame.displayWidth,
      height: frame.displayHeight,
      version: nextPictureVersion(),
      hasAlpha: false,
      captureUs: this.#incomingUs,
    };
  }

  #watch(): void {
    if (this.#lastFrameUs === null || this.#lossReported !== null) return;
    const silentUs = this.#nowUs() - this.#lastFrameUs;
    if (silentUs < LOST_AFTER_US || this.#condition.condition === 'lost') return;
    this.lost({
      condition: 'lost',
      error: new StudioError(
        'stage',
        'device.lost',
        `A camera must give a frame at least every 2 s, got none for ${(silentUs / 1e6).toFixed(1)} s; its last picture is shown until it returns.`,
      ).toShape(),
    });
  }

  /** Copies the picture on stage, darkened, so that the camera gets its frame back. */
  #hold(): void {
    const frame = this.#current;
    this.#current = null;
    if (frame === null || this.#picture === null) return;
    const { canvas, context } = memoryCanvas(frame.displayWidth, frame.displayHeight, false);
    context.drawImage(frame, 0, 0, canvas.width, canvas.height);
    context.fillStyle = `rgba(0, 0, 0, ${HELD_SHADE})`;
    context.fillRect(0, 0, canvas.width, canvas.height);
    releaseFrame(frame);
    this.#picture = { ...this.#picture, image: canvas, version: nextPictureVersion() };
  }
}
