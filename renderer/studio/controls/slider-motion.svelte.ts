import { fitToScale, stepValue, type Scale } from '../model/scale';

/** What a slider's motion needs to know, read anew at each event. */
export type SliderSetting = {
  value: number;
  /** Where a double-click leads. */
  reset: number;
  scale: Scale;
  axis: 'horizontal' | 'vertical';
  /** Whether a press on the track jumps there; a fader on air must not jump. */
  press: 'jump' | 'hold';
  /** Value to place on the track, 0 to 1, and back. */
  toTravel: (value: number) => number;
  fromTravel: (travel: number) => number;
  disabled: boolean;
  /** `inputMs` is the `timeStamp` of the event that moved it. */
  onchange: (value: number, inputMs: number) => void;
};

const FINE = 0.1;

/** The straight law between a scale's ends. */
export function linearTravel(scale: Scale): Pick<SliderSetting, 'toTravel' | 'fromTravel'> {
  const span = scale.max - scale.min;
  return {
    toTravel: (value) => (value - scale.min) / span,
    fromTravel: (travel) => scale.min + travel * span,
  };
}

/**
 * How every slider and fader of the studio moves: drag (Shift: a tenth of the pace, Esc: back
 * to where it was), double-click resets, wheel and arrows step, Page keys stride, Home and End.
 */
export class SliderMotion {
  /** The value at which the drag began; null when nothing is dragged. */
  ghost: number | null = $state(null);
  readonly #setting: () => SliderSetting;
  #travel = 0;
  #lastAt = 0;

  constructor(setting: () => SliderSetting) {
    this.#setting = setting;
  }

  readonly down = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    const setting = this.#setting();
    if (setting.disabled || event.button !== 0) return;
    event.currentTarget.setPointerCapture(event.pointerId);
    event.currentTarget.focus();
    event.preventDefault();
    this.ghost = setting.value;
    this.#travel = setting.toTravel(setting.value);
    this.#lastAt = along(event, setting.axis);
    if (setting.press === 'hold' || event.shiftKey || event.detail > 1) return;
    this.#travel = placeOf(event, setting.axis);
    this.#emit(event.timeStamp);
  };

  readonly move = (event: PointerEvent & { currentTarget: HTMLElement }): void => {
    if (this.ghost === null) return;
    const { axis } = this.#setting();
    const at = along(event, axis);
    const lengthPx =
      axis === 'horizontal' ? event.currentTarget.clientWidth : -event.currentTarget.clientHeight;
    const delta = ((at - this.#lastAt) / (lengthPx || 1)) * (event.shiftKey ? FINE : 1);
    this.#lastAt = at;
    if (delta === 0) return;
    // Not clamped to the ends while dragging, so that the thumb stays under the pointer on the way back.
    this.#travel += delta;
    this.#emit(event.timeStamp);
  };

  readonly up = (): void => {
    this.ghost = null;
  };

  readonly dblclick = (event: MouseEvent): void => {
    const { disabled, reset, onchange } = this.#setting();
    if (!disabled) onchange(reset, event.timeStamp);
  };

  readonly wheel = (event: WheelEvent): void => {
    if (event.deltaY === 0 && event.deltaX === 0) return;
    event.preventDefault();
    // Browsers turn the wheel sideways while Shift is held.
    const way = event.deltaY === 0 ? event.deltaX : event.deltaY;
    this.#step(way < 0 ? 1 : -1, event.shiftKey ? 'fine' : 'step', event.timeStamp);
  };

  readonly keydown = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { scale, disabled, onchange } = this.#setting();
    if (disabled) return;
    const pace = event.shiftKey ? 'fine' : 'step';
    const inputMs = event.timeStamp;
    const deeds: Record<string, (() => void) | undefined> = {
      ArrowUp: () => this.#step(1, pace, inputMs),
      ArrowRight: () => this.#step(1, pace, inputMs),
      ArrowDown: () => this.#step(-1, pace, inputMs),
      ArrowLeft: () => this.#step(-1, pace, inputMs),
      PageUp: () => this.#step(1, 'page', inputMs),
      PageDown: () => this.#step(-1, 'page', inputMs),
      Home: () => onchange(scale.min, inputMs),
      End: () => onchange(scale.max, inputMs),
      Escape: this.ghost === null ? undefined : () => this.#cancel(inputMs),
    };
    const deed = deeds[event.key];
    if (!deed) return;
    event.preventDefault();
    event.stopPropagation();
    deed();
  };

  #cancel(inputMs: number): void {
    const { onchange } = this.#setting();
    if (this.ghost !== null) onchange(this.ghost, inputMs);
    this.ghost = null;
  }

  #step(direction: 1 | -1, pace: 'fine' | 'step' | 'page', inputMs: number): void {
    const { value, scale, disabled, onchange } = this.#setting();
    if (disabled) return;
    const next = stepValue(value, direction, scale, pace);
    if (next !== value) onchange(next, inputMs);
  }

  #emit(inputMs: number): void {
    const { fromTravel, scale, value, onchange } = this.#setting();
    const next = fitToScale(fromTravel(Math.min(1, Math.max(0, this.#travel))), scale);
    if (next !== value) onchange(next, inputMs);
  }
}

function along(event: PointerEvent, axis: 'horizontal' | 'vertical'): number {
  return axis === 'horizontal' ? event.clientX : event.clientY;
}

function placeOf(
  event: PointerEvent & { currentTarget: HTMLElement },
  axis: 'horizontal' | 'vertical',
): number {
  const box = event.currentTarget.getBoundingClientRect();
  if (axis === 'horizontal') return (event.clientX - box.left) / box.width;
  return (box.bottom - event.clientY) / box.height;
}
