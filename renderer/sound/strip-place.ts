import { BinauralNode } from './binaural/binaural-node';
import type { Pose } from './binaural/parametric-render';
import { ParamRamp, RAMP_LEAD_S, RAMP_S } from './param-ramp';

/** After this a voice that was faded out is taken from the graph, ms. */
const AFTERLIFE_MS = 1000 * (RAMP_LEAD_S + RAMP_S) + 200;

/** A voice around the listener, with the gain it is faded in and out by. */
type Voice = { place: BinauralNode; gain: GainNode; ramp: ParamRamp };

/**
 * The part of a strip that places it: sound goes straight through, or by way of a binaural node;
 * going over is a fade of 15 ms [B17].
 */
export class StripPlace {
  readonly input: AudioNode;
  readonly output: AudioNode;
  readonly #context: BaseAudioContext;
  readonly #straight: GainNode;
  readonly #straightRamp: ParamRamp;
  #voice: Voice | null = null;
  /** Voices that fade out, by the timer that ends them. */
  readonly #leaving = new Map<ReturnType<typeof setTimeout>, Voice>();

  constructor(context: BaseAudioContext) {
    this.#context = context;
    const input = new GainNode(context);
    const output = new GainNode(context, { channelCount: 2, channelCountMode: 'explicit' });
    this.#straight = new GainNode(context);
    this.#straightRamp = new ParamRamp(this.#straight.gain, 1);
    input.connect(this.#straight).connect(output);
    this.input = input;
    this.output = output;
  }

  /** The node around the listener; null while the strip is heard as it is. */
  get node(): BinauralNode | null {
    return this.#voice?.place ?? null;
  }

  /**
   * Is at a place, or (null) heard as it is.
   * @returns whether a node was made or let go of.
   */
  set(pose: Pose | null): boolean {
    if (pose && this.#voice) {
      this.#voice.place.aim(pose);
      return false;
    }
    if (pose) this.#enter(pose);
    else if (this.#voice) this.#leave(this.#voice);
    else return false;
    return true;
  }

  dispose(): void {
    for (const [timer, voice] of this.#leaving) {
      clearTimeout(timer);
      voice.place.end();
    }
    this.#leaving.clear();
    this.#voice?.place.end();
    this.#voice = null;
    this.input.disconnect();
    this.#straight.disconnect();
    this.output.disconnect();
  }

  #enter(pose: Pose): void {
    const place = new BinauralNode(this.#context, pose);
    const gain = new GainNode(this.#context);
    const ramp = new ParamRamp(gain.gain, 0);
    this.input.connect(place.node).connect(gain).connect(this.output);
    this.#voice = { place, gain, ramp };
    this.#fade(ramp, 1);
  }

  #leave(voice: Voice): void {
    this.#voice = null;
    this.#fade(voice.ramp, 0);
    const timer = setTimeout(() => {
      this.#leaving.delete(timer);
      this.input.disconnect(voice.place.node);
      voice.place.end();
      voice.gain.disconnect();
    }, AFTERLIFE_MS);
    this.#leaving.set(timer, voice);
  }

  #fade(ramp: ParamRamp, target: number): void {
    const timeS = this.#context.currentTime + RAMP_LEAD_S;
    ramp.rampTo(target, timeS);
    this.#straightRamp.rampTo(1 - target, timeS);
  }
}
