import type { CompositorBackend } from '../../contract/stage';

/** Shows the programme on the window's canvas, at the canvas's own size. */
export class Display {
  readonly #canvas: OffscreenCanvas;
  #context: OffscreenCanvasRenderingContext2D | null = null;

  constructor(canvas: OffscreenCanvas) {
    this.#canvas = canvas;
  }

  /** Sets the size in device pixels. */
  resize(width: number, height: number): void {
    this.#canvas.width = Math.max(1, Math.round(width));
    this.#canvas.height = Math.max(1, Math.round(height));
  }

  show(programme: OffscreenCanvas, backend: CompositorBackend): void {
    // Where the compositor draws on the processor, so must this: an upload to a software GPU costs ten times more.
    this.#context ??= this.#canvas.getContext('2d', {
      alpha: false,
      willReadFrequently: backend === 'canvas2d',
    });
    this.#context?.drawImage(programme, 0, 0, this.#canvas.width, this.#canvas.height);
  }
}
