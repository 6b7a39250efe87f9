import type { BlendMode } from '../../../contract/project';
import { place, type Size } from '../geometry';
import { memoryCanvas } from '../picture';
import type { Compositor, CompositorChoice, DrawItem } from './compositor';

const OPERATIONS: Record<BlendMode, GlobalCompositeOperation> = {
  normal: 'source-over',
  add: 'lighter',
  screen: 'screen',
  multiply: 'multiply',
  overlay: 'overlay',
  lighten: 'lighten',
  darken: 'darken',
};

/** The compositor that works everywhere: Skia on the processor. */
export class Canvas2dCompositor implements Compositor {
  readonly backend = 'canvas2d';
  #canvas: OffscreenCanvas;
  #context: OffscreenCanvasRenderingContext2D;

  constructor() {
    ({ canvas: this.#canvas, context: this.#context } = memoryCanvas(1280, 720, false));
  }

  draw(items: readonly DrawItem[], size: Size): Promise<OffscreenCanvas> {
    this.#resize(size);
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = 1;
    context.globalCompositeOperation = 'source-over';
    context.fillStyle = '#000000';
    context.fillRect(0, 0, size.width, size.height);
    for (const item of items) this.#drawItem(item, size);
    return Promise.resolve(this.#canvas);
  }

  dispose(): void {
    this.#canvas.width = 0;
  }

  #resize(size: Size): void {
    if (this.#canvas.width === size.width && this.#canvas.height === size.height) return;
    this.#canvas.width = size.width;
    this.#canvas.height = size.height;
  }

  #drawItem({ picture, transform, opacity, blend }: DrawItem, size: Size): void {
    const { source, centreX, centreY, width, height, rotationRad } = place(transform, picture, size);
    const cos = Math.cos(rotationRad);
    const sin = Math.sin(rotationRad);
    const context = this.#context;
    context.setTransform(cos, sin, -sin, cos, centreX, centreY);
    context.globalAlpha = opacity;
    context.globalCompositeOperation = OPERATIONS[blend];
    context.drawImage(
      picture.image,
      source.x,
      source.y,
      source.width,
      source.height,
      -width / 2,
      -height / 2,
      width,
      height,
    );
  }
}

/** Canvas2D in ordinary memory; never lost. */
export const CANVAS2D: CompositorChoice = {
  backend: 'canvas2d',
  label: 'canvas2d',
  create: () => Promise.resolve(new Canvas2dCompositor()),
};
