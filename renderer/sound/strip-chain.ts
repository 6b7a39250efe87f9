import type { Strip } from '../../contract/project';
import { gainOfDb } from './decibels';
import { ParamRamp, RAMP_LEAD_S } from './param-ramp';
import { SAMPLE_RATE } from './schedule';

const MAX_DELAY_S = 2;

/** One strip of the mixer: delay, then fader, then the taps to the meter and the mix. */
export class StripChain {
  /** Where the strip's source is connected. */
  readonly input: AudioNode;
  readonly #context: BaseAudioContext;
  readonly #delay: DelayNode;
  readonly #fader: GainNode;
  readonly #ramp: ParamRamp;
  #delayFrames: number;

  constructor(context: BaseAudioContext, strip: Strip) {
    this.#context = context;
    this.#delayFrames = delayFramesOf(strip);
    this.#delay = new DelayNode(context, {
      maxDelayTime: MAX_DELAY_S,
      delayTime: this.#delayFrames / SAMPLE_RATE,
    });
    // Mono sounds on both sides, surround is folded down: the mix is always stereo.
    this.#fader = new GainNode(context, { channelCount: 2, channelCountMode: 'explicit' });
    this.#ramp = new ParamRamp(this.#fader.gain, gainOf(strip));
    this.input = this.#delay;
    this.#delay.connect(this.#fader);
  }

  /** Connects the faded sound to the mix and to one input of the meter. */
  connect(mix: AudioNode, meter: AudioNode, meterInput: number): void {
    this.#fader.connect(mix);
    this.#fader.connect(meter, 0, meterInput);
  }

  /** Takes fader, mute and delay from the strip; changes are ramped, a new delay hides in a dip. */
  update(strip: Strip): void {
    const timeS = this.#context.currentTime + RAMP_LEAD_S;
    const gain = gainOf(strip);
    if (gain !== this.#ramp.target) this.#ramp.rampTo(gain, timeS);
    const delayFrames = delayFramesOf(strip);
    if (delayFrames === this.#delayFrames) return;
    this.#delayFrames = delayFrames;
    const { silentFromS } = this.#ramp.dip(timeS);
    this.#delay.delayTime.setValueAtTime(delayFrames / SAMPLE_RATE, silentFromS);
  }

  dispose(): void {
    this.#delay.disconnect();
    this.#fader.disconnect();
  }
}

function gainOf(strip: Strip): number {
  return strip.muted ? 0 : gainOfDb(strip.gainDb);
}

/** Whole samples: a fractional delay would be interpolated and dull the sound. */
function delayFramesOf(strip: Strip): number {
  return Math.round((strip.syncOffsetMs * SAMPLE_RATE) / 1000);
}
