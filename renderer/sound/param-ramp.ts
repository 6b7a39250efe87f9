/** Length of every gain change: long enough to be inaudible as a click. */
export const RAMP_S = 0.015;
/**
 * A change begins this much after the time the window believes it is: the sound thread is
 * ahead by up to one output buffer, and an event in its past would be a step.
 */
export const RAMP_LEAD_S = 0.03;

type Param = Pick<AudioParam, 'cancelAndHoldAtTime' | 'setValueAtTime' | 'linearRampToValueAtTime' | 'value'>;

/**
 * Moves an `AudioParam` in straight lines without a step, also when a new target comes in
 * the middle of a ramp. It keeps the curve itself, because reading `value` tells the past.
 */
export class ParamRamp {
  readonly #param: Param;
  #from: number;
  #to: number;
  #beginS = 0;
  #endS = 0;

  /** Sets the parameter to `initial` at once; times are context seconds. */
  constructor(param: Param, initial: number) {
    this.#param = param;
    param.value = initial;
    this.#from = initial;
    this.#to = initial;
  }

  get target(): number {
    return this.#to;
  }

  /** The value that the curve has at a time not before the last ramp's beginning. */
  valueAt(timeS: number): number {
    if (timeS >= this.#endS) return this.#to;
    if (timeS <= this.#beginS) return this.#from;
    return this.#from + ((this.#to - this.#from) * (timeS - this.#beginS)) / (this.#endS - this.#beginS);
  }

  /** Ramps to `target`, beginning no earlier than `timeS`; returns when it arrives. */
  rampTo(target: number, timeS: number): number {
    const beginS = Math.max(timeS, this.#beginS);
    const value = this.valueAt(beginS);
    this.#param.cancelAndHoldAtTime(beginS);
    this.#param.setValueAtTime(value, beginS);
    this.#param.linearRampToValueAtTime(target, beginS + RAMP_S);
    this.#from = value;
    this.#to = target;
    this.#beginS = beginS;
    this.#endS = beginS + RAMP_S;
    return this.#endS;
  }

  /**
   * Ramps to 0, stays there and comes back to the present target: hides a change behind it.
   * @param untilS silent at least until then; by default for a moment.
   */
  dip(timeS: number, untilS = 0): { silentFromS: number } {
    const target = this.#to;
    const silentFromS = this.rampTo(0, timeS);
    const backS = Math.max(silentFromS + RAMP_S, untilS);
    this.#param.setValueAtTime(0, backS);
    this.#param.linearRampToValueAtTime(target, backS + RAMP_S);
    this.#from = 0;
    this.#to = target;
    this.#beginS = backS;
    this.#endS = backS + RAMP_S;
    return { silentFromS };
  }
}
