import { gainOfDb } from './decibels';
import { METER_INPUTS, MIX_PROCESSOR, type MixToWindow, type WindowToMix } from './mix-messages';
import workletUrl from './mix-worklet?worker&url';
import { loadBinaural } from './binaural/binaural-node';
import { loadVoices } from './voice';
import { ParamRamp, RAMP_LEAD_S } from './param-ramp';

export type MixBusOptions = {
  /** Linear peaks by strip id and `mix`, about 30 times a second. */
  onLevels: (peaks: Record<string, number>) => void;
  /** The worklet threw; no more sound comes from it. */
  onFailed: () => void;
};

/** Where the strips meet: master fader, then the mix worklet, then (if wanted) the loudspeakers. */
export class MixBus {
  /** What strips are mixed into. */
  readonly input: AudioNode;
  /** The worklet; its inputs 1… meter strips. */
  readonly meter: AudioNode;
  readonly #context: AudioContext;
  readonly #worklet: AudioWorkletNode;
  readonly #master: ParamRamp;
  readonly #monitor: ParamRamp;
  readonly #slots: (string | null)[] = [null];
  #tapSlot: number | null = null;

  private constructor(context: AudioContext, { onLevels, onFailed }: MixBusOptions) {
    this.#context = context;
    const master = new GainNode(context, { channelCount: 2, channelCountMode: 'explicit' });
    this.#worklet = new AudioWorkletNode(context, MIX_PROCESSOR, {
      numberOfInputs: 1 + METER_INPUTS,
      numberOfOutputs: 1,
      outputChannelCount: [2],
      channelCount: 2,
      channelCountMode: 'explicit',
    });
    // Connected even when it is silent: only what leads to the destination is rendered.
    const monitor = new GainNode(context);
    master.connect(this.#worklet).connect(monitor).connect(context.destination);
    this.input = master;
    this.meter = this.#worklet;
    this.#master = new ParamRamp(master.gain, 1);
    this.#monitor = new ParamRamp(monitor.gain, 0);
    this.#worklet.port.onmessage = (event: MessageEvent<MixToWindow>) => onLevels(event.data.peaks);
    this.#worklet.onprocessorerror = () => onFailed();
  }

  /** Loads the worklets into the context and builds the bus; rejects when the worklet cannot be loaded. */
  static async create(context: AudioContext, options: MixBusOptions): Promise<MixBus> {
    await Promise.all([
      context.audioWorklet.addModule(workletUrl),
      loadVoices(context),
      loadBinaural(context),
    ]);
    return new MixBus(context, options);
  }

  /** Opens the way to the stage; the result is the stage's end (to be transferred). */
  openStagePort(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#tell({ type: 'stage', port: port1 }, [port1]);
    return port2;
  }

  /** Opens the tap's way to the sound link worker; the result is the worker's end (to be transferred). */
  openTapPort(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#tell({ type: 'tap-port', port: port1 }, [port1]);
    return port2;
  }

  /** Taps the strip of a meter slot, or (0) the mix; null: nothing. */
  tap(slot: number | null): void {
    if (slot === this.#tapSlot) return;
    this.#tapSlot = slot;
    this.#tell({ type: 'tap', slot });
  }

  /** From sample `frame` on, what is mixed is so many samples old. */
  setDelay(frame: number, delayFrames: number): void {
    this.#tell({ type: 'delay', frame, delayFrames });
  }

  setMasterDb(gainDb: number): void {
    this.#ramp(this.#master, gainOfDb(gainDb));
  }

  setMonitoring(on: boolean): void {
    this.#ramp(this.#monitor, on ? 1 : 0);
  }

  /** Reserves a meter input for a strip. */
  addMeter(stripId: string): number {
    const free = this.#slots.indexOf(null, 1);
    const slot = free < 0 ? this.#slots.length : free;
    if (slot > METER_INPUTS)
      throw new RangeError(`A mixer has at most ${METER_INPUTS} strips, got one more.`);
    this.#slots[slot] = stripId;
    this.#tell({ type: 'meter', slot, stripId });
    return slot;
  }

  removeMeter(slot: number): void {
    this.#slots[slot] = null;
    this.#tell({ type: 'meter', slot, stripId: null });
  }

  #ramp(param: ParamRamp, target: number): void {
    if (param.target !== target) param.rampTo(target, this.#context.currentTime + RAMP_LEAD_S);
  }

  #tell(message: WindowToMix, transfer: Transferable[] = []): void {
    this.#worklet.port.postMessage(message, transfer);
  }
}
