import type { Command } from '../../../contract/commands';
import type { Layer, Transform } from '../../../contract/project';
import {
  boundsOf,
  handleDirection,
  moved,
  resized,
  rotatedTo,
  type Extent,
  type Handle,
  type Point,
} from '../model/geometry';
import { snapEdges, snapLines, snapMove, type Guide } from '../model/snapping';

/** What a drag on the canvas does. */
export type Grip = { kind: 'move' } | { kind: 'resize'; handle: Handle } | { kind: 'rotate' };

/** Keys held during a drag: Shift for fine moves and kept proportions, Ctrl or ⌘ for no snapping. */
export type HeldKeys = { shiftKey: boolean; ctrlKey: boolean; metaKey: boolean };

/** The part of a pointer's movement that counts: the held keys and when it was made. */
export type Movement = HeldKeys & { timeStamp: number };

const SNAP_REACH = 8;
/** Below this way a press is a click and moves nothing. */
const SLACK = 3;
const FINE = 0.25;

type Drag = {
  layer: Layer;
  grip: Grip;
  from: Point;
  frame: Extent;
  lines: { x: number[]; y: number[] };
  began: boolean;
};

/**
 * One drag of a layer on the canvas. The layer follows live (its transform is sent as it
 * moves); Esc puts it back where it was.
 */
export class CanvasGesture {
  guides: readonly Guide[] = $state.raw([]);
  #drag: Drag | null = $state.raw(null);
  readonly #command: (command: Command, inputMs?: number) => unknown;

  constructor(command: (command: Command, inputMs?: number) => unknown) {
    this.#command = command;
  }

  /** What is being done now; null between drags. */
  get grip(): Grip | null {
    return this.#drag?.began ? this.#drag.grip : null;
  }

  get active(): boolean {
    return this.#drag !== null;
  }

  /** Begins a drag at a point of the frame; `others` are the layers that can be snapped to. */
  begin(layer: Layer, grip: Grip, from: Point, frame: Extent, others: readonly Layer[]): void {
    if (layer.locked) return;
    const boxes = others
      .filter((one) => one.id !== layer.id && one.visible)
      .map((one) => boundsOf(one.transform, frame));
    this.#drag = { layer, grip, from, frame, lines: snapLines(frame, boxes), began: false };
  }

  /** Follows the pointer. */
  move(to: Point, movement: Movement): void {
    const drag = this.#drag;
    if (!drag) return;
    const way = { x: to.x - drag.from.x, y: to.y - drag.from.y };
    if (!drag.began && Math.hypot(way.x, way.y) < SLACK) return;
    if (!drag.began) this.#drag = { ...drag, began: true };
    const { transform, guides } = follow(drag, to, way, movement);
    this.guides = guides;
    this.#send(drag.layer.id, transform, movement.timeStamp);
  }

  /** Ends the drag where it is. */
  end(): void {
    this.#drag = null;
    this.guides = [];
  }

  /** Ends the drag and puts the layer back. */
  cancel(): void {
    const drag = this.#drag;
    this.end();
    if (drag?.began) this.#send(drag.layer.id, drag.layer.transform);
  }

  #send(layerId: string, transform: Transform, inputMs?: number): void {
    this.#command({ type: 'layer.update', layerId, patch: { transform } }, inputMs);
  }
}

function follow(
  drag: Drag,
  to: Point,
  way: Point,
  keys: HeldKeys,
): { transform: Transform; guides: readonly Guide[] } {
  const { layer, grip, frame, lines } = drag;
  const free = keys.ctrlKey || keys.metaKey;
  switch (grip.kind) {
    case 'rotate':
      return { transform: rotatedTo(layer.transform, to, frame, keys.shiftKey ? 15 : 1), guides: [] };
    case 'move': {
      const pace = keys.shiftKey ? FINE : 1;
      const transform = moved(layer.transform, { x: way.x * pace, y: way.y * pace }, frame);
      if (free || keys.shiftKey) return { transform, guides: [] };
      const snap = snapMove(boundsOf(transform, frame), lines, SNAP_REACH);
      return { transform: moved(transform, { x: snap.dx, y: snap.dy }, frame), guides: snap.guides };
    }
    case 'resize': {
      const transform = resized(layer.transform, grip.handle, way, frame, keys.shiftKey);
      // A turned layer has no edge that could lie on an upright line, and a snapped edge would break kept proportions.
      if (free || keys.shiftKey || layer.transform.rotationDeg % 360 !== 0) return { transform, guides: [] };
      const snap = snapEdges(boundsOf(transform, frame), handleDirection(grip.handle), lines, SNAP_REACH);
      const pull = { x: way.x + snap.dx, y: way.y + snap.dy };
      return { transform: resized(layer.transform, grip.handle, pull, frame, false), guides: snap.guides };
    }
  }
}
