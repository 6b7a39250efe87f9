import { StudioError } from '../../contract/errors';
import type { CompositorBackend } from '../../contract/stage';
import { CANVAS2D } from './compositor/canvas2d';
import { chooseCompositor } from './compositor/choose';
import type { Compositor, CompositorChoice, DrawItem } from './compositor/compositor';
import type { Size } from './geometry';

/** How long after a loss the ways are tried again: drivers need time to come back. */
const RECHOOSE_MS = 5000;

/** What the programme's picture tells its owner. */
export type ProgrammePictureEvents = {
  /** Another backend draws from now on. */
  chosen: (backend: CompositorBackend) => void;
  failed: (error: StudioError) => void;
};

/**
 * Draws the programme with the compositor that did best on this machine. When its device is
 * lost Canvas2D takes over with the same tick, and the ways are tried anew later.
 */
export class ProgrammePicture {
  readonly #ways: readonly CompositorChoice[];
  readonly #events: ProgrammePictureEvents;
  #compositor: Compositor | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #disposed = false;

  constructor(ways: readonly CompositorChoice[], events: ProgrammePictureEvents) {
    this.#ways = ways;
    this.#events = events;
  }

  get backend(): CompositorBackend {
    return this.#compositor?.backend ?? 'canvas2d';
  }

  /** Tries the ways and takes the best. */
  async choose(): Promise<void> {
    const { choice, results } = await chooseCompositor(this.#ways);
    console.info('Compositors tried:', results);
    await this.#take(choice);
  }

  /** Draws one picture; falls back to Canvas2D when the device fails meanwhile. */
  async draw(items: readonly DrawItem[], size: Size): Promise<OffscreenCanvas> {
    const compositor = this.#compositor ?? (await this.#take(CANVAS2D));
    try {
      return await compositor.draw(items, size);
    } catch (error) {
      if (compositor.backend === 'canvas2d') throw error;
      return (await this.#lost(compositor, error)).draw(items, size);
    }
  }

  dispose(): void {
    this.#disposed = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#compositor?.dispose();
    this.#compositor = null;
  }

  async #take(choice: CompositorChoice): Promise<Compositor> {
    const made: { compositor: Compositor | null } = { compositor: null };
    const compositor = await choice.create((reason) => {
      if (made.compositor !== null) void this.#lost(made.compositor, reason);
    });
    made.compositor = compositor;
    if (this.#disposed) compositor.dispose();
    this.#compositor?.dispose();
    this.#compositor = compositor;
    this.#events.chosen(compositor.backend);
    return compositor;
  }

  async #lost(compositor: Compositor, cause: unknown): Promise<Compositor> {
    if (this.#compositor !== compositor && this.#compositor !== null) return this.#compositor;
    this.#events.failed(
      new StudioError(
        'stage',
        'compositor.lost',
        `The ${compositor.backend} compositor must keep its device; it was lost and Canvas2D draws meanwhile.`,
        { cause },
      ),
    );
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.choose(), RECHOOSE_MS);
    return this.#take(CANVAS2D);
  }
}
