import { DEFAULT_BINAURAL } from '../../../contract/project';
import { fitToScale } from '../model/scale';
import { AZIMUTH, DISTANCE, ELEVATION, fromMap, toMap, turned, type MapPoint, type Place } from './place-map';

/** What a source on the map needs to know, read anew at each event. */
export type PlaceSetting = {
  place: Place;
  /** Whether the place is given by something else: a layer that is followed. */
  fixed: boolean;
  /** `inputMs` is the `timeStamp` of the event that moved it. */
  onchange: (place: Place, inputMs: number) => void;
};

const FINE = 0.1;
const RESET: Place = DEFAULT_BINAURAL;

/**
 * How a source moves around the listener: drag (Shift: a tenth of the pace, Esc: back to where
 * it was), double-click resets, arrows turn it and take it nearer or farther, Page keys lift it.
 */
export class PlaceMotion {
  /** The place at which the drag began; null when nothing is dragged. */
  ghost: Place | null = $state.raw(null);
  readonly #setting: () => PlaceSetting;
  #point: MapPoint = { x: 0, y: 0 };
  #last: MapPoint = { x: 0, y: 0 };

  constructor(setting: () => PlaceSetting) {
    this.#setting = setting;
  }

  readonly down = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    const { place, fixed } = this.#setting();
    if (fixed || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    event.currentTarget.focus();
    event.preventDefault();
    this.ghost = place;
    this.#point = toMap(place);
    this.#last = { x: event.clientX, y: event.clientY };
  };

  /** `radiusPx` is the map's radius on the page. */
  readonly move = (event: PointerEvent, radiusPx: number): void => {
    if (this.ghost === null || radiusPx <= 0) return;
    const pace = (event.shiftKey ? FINE : 1) / radiusPx;
    const x = this.#point.x + (event.clientX - this.#last.x) * pace;
    const y = this.#point.y + (event.clientY - this.#last.y) * pace;
    this.#point = { x, y };
    this.#last = { x: event.clientX, y: event.clientY };
    this.#put(fromMap(this.#point, this.#setting().place), event.timeStamp);
  };

  readonly up = (): void => {
    this.ghost = null;
  };

  readonly dblclick = (event: MouseEvent): void => {
    const { azimuthDeg, elevationDeg, distanceM } = RESET;
    if (!this.#setting().fixed) this.#put({ azimuthDeg, elevationDeg, distanceM }, event.timeStamp);
  };

  readonly keydown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { place, fixed } = this.#setting();
    if (event.key === 'Escape' && this.ghost !== null) {
      this.#put(this.ghost, event.timeStamp);
      this.ghost = null;
    } else {
      const next = fixed ? null : stepped(place, event);
      if (!next) return;
      this.#put(next, event.timeStamp);
    }
    event.preventDefault();
    event.stopPropagation();
  };

  #put(next: Place, inputMs: number): void {
    const { place, onchange } = this.#setting();
    const same =
      next.azimuthDeg === place.azimuthDeg &&
      next.elevationDeg === place.elevationDeg &&
      next.distanceM === place.distanceM;
    if (!same) onchange(next, inputMs);
  }
}

/** The place after one key; null for a key that moves nothing. */
function stepped(place: Place, { key, shiftKey }: Pick<KeyboardEvent, 'key' | 'shiftKey'>): Place | null {
  const pace = shiftKey ? 'fine' : 'step';
  const farther = (way: 1 | -1) => ({
    ...place,
    distanceM: fitToScale(place.distanceM + way * DISTANCE[pace], DISTANCE),
  });
  const higher = (way: 1 | -1) => ({
    ...place,
    elevationDeg: fitToScale(place.elevationDeg + way * ELEVATION[pace], ELEVATION),
  });
  switch (key) {
    case 'ArrowLeft':
      return turned(place, AZIMUTH[pace]);
    case 'ArrowRight':
      return turned(place, -AZIMUTH[pace]);
    case 'ArrowUp':
      return farther(1);
    case 'ArrowDown':
      return farther(-1);
    case 'PageUp':
      return higher(1);
    case 'PageDown':
      return higher(-1);
    default:
      return null;
  }
}
