import type { Strip } from '../../contract/project';
import type { BinauralNode } from './binaural/binaural-node';
import { NETWORK_DELAY_FRAMES } from './binaural/binaural-messages';
import type { Pose } from './binaural/parametric-render';
import { gainOfDb } from './decibels';
import { delaysOf, silentUntilS, type DelayMoment, type StripDelays } from './delay-plan';
import { ParamRamp, RAMP_LEAD_S } from './param-ramp';
import { SAMPLE_RATE } from './schedule';
import { StripPlace } from './strip-place';

const MAX_DELAY_S = 2 + NETWORK_DELAY_FRAMES / SAMPLE_RATE;

/** What a chain is told beside its strip. */
export type ChainSetting = {
  /** Where the strip is placed; null: heard as it is. */
  pose: Pose | null;
  /** Whether the network refines it. */
  networked: boolean;
  /** How old the mix is, and how much older than before, samples. */
  mixDelay: number;
  mixGrowth: number;
  /** When delays change, if they do. */
  moment: DelayMoment;
};

/** One strip of the mixer: delay, then its place, then fader, then the taps to the meter and the mix. */
export class StripChain {
  /** Where the strip's source is connected. */
  readonly input: AudioNode;
  readonly #context: BaseAudioContext;
  readonly #delay: DelayNode;
  readonly #place: StripPlace;
  readonly #fader: GainNode;
  readonly #ramp: ParamRamp;
  #delays: StripDelays;

  constructor(context: BaseAudioContext, strip: Strip, setting: ChainSetting) {
    this.#context = context;
    this.#delays = delaysOf(strip.syncOffsetMs, setting.networked, setting.mixDelay);
    this.#delay = new DelayNode(context, {
      maxDelayTime: MAX_DELAY_S,
      delayTime: this.#delays.line / SAMPLE_RATE,
    });
    this.#place = new StripPlace(context);
    // Mono sounds on both sides, surround is folded down: the mix is always stereo.
    this.#fader = new GainNode(context, { channelCount: 2, channelCountMode: 'explicit' });
    this.#ramp = new ParamRamp(this.#fader.gain, gainOf(strip));
    this.input = this.#delay;
    this.#delay.connect(this.#place.input);
    this.#place.output.connect(this.#fader);
    if (this.#place.set(setting.pose)) this.#place.node?.delay(0, this.#delays.voice);
  }

  /** The strip's binaural node; null while it is not placed. */
  get placed(): BinauralNode | null {
    return this.#place.node;
  }

  /** Connects the faded sound to the mix and to one input of the meter. */
  connect(mix: AudioNode, meter: AudioNode, meterInput: number): void {
    this.#fader.connect(mix);
    this.#fader.connect(meter, 0, meterInput);
  }

  /**
   * Takes fader, mute, place and delays; gains are ramped, places are gone to, delays change at
   * the setting's moment, hidden in a dip.
   */
  update(strip: Strip, setting: ChainSetting): void {
    const timeS = this.#context.currentTime + RAMP_LEAD_S;
    const gain = gainOf(strip);
    if (gain !== this.#ramp.target) this.#ramp.rampTo(gain, timeS);
    const renewed = this.#place.set(setting.pose);
    const { moment, mixGrowth } = setting;
    const before = renewed ? { ...this.#delays, voice: 0 } : this.#delays;
    const after = delaysOf(strip.syncOffsetMs, setting.networked, setting.mixDelay);
    const same = before.line === after.line && before.voice === after.voice;
    this.#delays = after;
    if (same && mixGrowth === 0) return;
    this.#ramp.dip(moment.dipS, silentUntilS(moment, before, after, mixGrowth));
    if (before.line !== after.line) {
      this.#delay.delayTime.setValueAtTime(after.line / SAMPLE_RATE, moment.frame / SAMPLE_RATE);
    }
    if (before.voice !== after.voice) this.#place.node?.delay(moment.frame, after.voice);
  }

  dispose(): void {
    this.#delay.disconnect();
    this.#place.dispose();
    this.#fader.disconnect();
  }
}

function gainOf(strip: Strip): number {
  return strip.muted ? 0 : gainOfDb(strip.gainDb);
}
