import type { SoundToStage, StageToSound } from '../../contract/stage-ui';
import { BlockPacker } from './block-packer';
import { limitSample } from './limiter';
import { MIX_PROCESSOR, type MixToWindow, type WindowToMix } from './mix-messages';
import type { LinkToTap, TapToLink } from './engine-link/link-messages';
import { PeakMeters } from './peak-meters';
import { TapPacker } from './tap-packer';
import { DelaySchedule } from './delay-schedule';

// What AudioWorkletGlobalScope has and no TypeScript library declares.
declare const currentFrame: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

const QUANTUM_FRAMES = 128;
const SILENCE = new Float32Array(QUANTUM_FRAMES);
/** About 30 level messages a second. */
const LEVEL_FRAMES = 1600;

/**
 * The end of the mixer. Input 0 is the mix, which is limited, sent to the stage in numbered
 * blocks and passed on for monitoring; the other inputs are strips, which are only metered.
 */
class MixProcessor extends AudioWorkletProcessor {
  readonly #meters = new PeakMeters();
  readonly #packer = new BlockPacker((frame, samples) => this.#post(frame, samples));
  readonly #delay = new DelaySchedule();
  readonly #tapPacker = new TapPacker((frame, samples) => this.#postTap(frame, samples));
  #stage: MessagePort | null = null;
  #tapPort: MessagePort | null = null;
  #tapSlot: number | null = null;
  #levelFrames = 0;

  constructor() {
    super();
    this.port.onmessage = (event: MessageEvent<WindowToMix>) => this.#take(event.data);
  }

  process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const mix = inputs[0];
    const [left, right] = outputs[0] as [Float32Array, Float32Array];
    limitInto(left, mix?.[0] ?? SILENCE);
    limitInto(right, mix?.[1] ?? mix?.[0] ?? SILENCE);
    this.#packer.push(currentFrame, left, right);
    this.#meters.measureMix(left, right);
    this.#meters.measureStrips(inputs);
    this.#tap(inputs, left, right);
    this.#levelFrames += left.length;
    if (this.#levelFrames >= LEVEL_FRAMES) this.#postLevels();
    return true;
  }

  #take(message: WindowToMix): void {
    switch (message.type) {
      case 'meter':
        return this.#meters.name(message.slot, message.stripId);
      case 'delay':
        return this.#delay.change(message.frame, message.delayFrames);
      case 'tap':
        this.#tapSlot = message.slot;
        return this.#tapPacker.reset();
      case 'tap-port':
        this.#tapPort?.close();
        this.#tapPort = message.port;
        this.#tapPort.onmessage = (event: MessageEvent<LinkToTap>) =>
          this.#tapPacker.recycle(event.data.samples);
        return;
      case 'stage':
        this.#stage?.close();
        this.#stage = message.port;
        this.#stage.onmessage = (event: MessageEvent<StageToSound>) =>
          this.#packer.recycle(event.data.samples);
    }
  }

  #tap(inputs: Float32Array[][], left: Float32Array, right: Float32Array): void {
    if (this.#tapSlot === null || !this.#tapPort) return;
    const frame = currentFrame - this.#delay.at(currentFrame);
    if (this.#tapSlot === 0) return this.#tapPacker.push(frame, left.length, left, right);
    const strip = inputs[this.#tapSlot];
    this.#tapPacker.push(frame, left.length, strip?.[0] ?? null, strip?.[1] ?? null);
  }

  #postTap(frame: number, samples: Float32Array<ArrayBuffer>): void {
    const message: TapToLink = { type: 'tap', frame, samples };
    this.#tapPort?.postMessage(message, [samples.buffer]);
  }

  #post(frame: number, samples: Float32Array<ArrayBuffer>): void {
    if (!this.#stage) return this.#packer.recycle(samples);
    const message: SoundToStage = { type: 'pcm', frame, samples, delayFrames: this.#delay.at(frame) };
    this.#stage.postMessage(message, [samples.buffer]);
  }

  #postLevels(): void {
    this.#levelFrames -= LEVEL_FRAMES;
    const message: SoundToStage & MixToWindow = { type: 'levels', peaks: this.#meters.take() };
    this.#stage?.postMessage(message);
    this.port.postMessage(message);
  }
}

function limitInto(output: Float32Array, input: Float32Array): void {
  for (let i = 0; i < output.length; i++) output[i] = limitSample(input[i]!);
}

registerProcessor(MIX_PROCESSOR, MixProcessor);
