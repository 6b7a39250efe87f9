import type { BlendMode, Transform } from '../../../contract/project';
import type { CompositorBackend } from '../../../contract/stage';
import type { Size } from '../geometry';
import type { Picture } from '../picture';

/** One picture to draw, bottom first in its list. */
export type DrawItem = {
  picture: Picture;
  transform: Transform;
  /** 0 to 1. */
  opacity: number;
  blend: BlendMode;
};

/**
 * Draws layers over black. Blending is that of W3C Compositing and Blending Level 1 on an
 * opaque backdrop: C = (1 − α)·Cb + α·B(Cb, Cs), and for `add` min(1, Cb + α·Cs). Every
 * backend gives the same pixels to within rounding; edges may differ in antialiasing.
 */
export type Compositor = {
  readonly backend: CompositorBackend;
  /**
   * Draws one programme picture. The canvas it gives is encodable (`new VideoFrame(canvas)`) and
   * holds the picture until the next call.
   */
  draw(items: readonly DrawItem[], size: Size): Promise<OffscreenCanvas>;
  dispose(): void;
};

/** One way to make a compositor; whether it works shows only when it draws. */
export type CompositorChoice = {
  backend: CompositorBackend;
  /** Tells ways of the same backend apart, for reports. */
  label: string;
  /** @param onLost called once when the device or context goes away. */
  create(onLost: (reason: string) => void): Promise<Compositor>;
};
