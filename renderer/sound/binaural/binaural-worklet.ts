import {
  BINAURAL_PROCESSOR,
  type BinauralToLink,
  type BinauralToWindow,
  type LinkToBinaural,
  type WindowToBinaural,
} from './binaural-messages';
import { BLOCK_FRAMES } from './early-render';
import type { Pose } from './parametric-render';
import { PlacedVoice } from './placed-voice';

// What AudioWorkletGlobalScope has and no TypeScript library declares.
declare const currentFrame: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
type Options = { processorOptions: { pose: Pose } };
declare function registerProcessor(
  name: string,
  processor: new (options: Options) => AudioWorkletProcessor,
): void;

const SILENCE = new Float32Array(BLOCK_FRAMES);
const STATS_FRAMES = 48_000;

/** A strip around the listener: mono in, stereo out. */
class BinauralProcessor extends AudioWorkletProcessor {
  readonly #voice: PlacedVoice;
  #link: MessagePort | null = null;
  #statsFrames = 0;
  #ended = false;

  constructor({ processorOptions: { pose } }: Options) {
    super();
    this.#voice = new PlacedVoice(pose, (run, block, frame, message) => {
      const placed: BinauralToLink = { type: 'placed', run, block, frame, message };
      this.#link?.postMessage(placed, [message]);
    });
    this.port.onmessage = (event: MessageEvent<WindowToBinaural>) => this.#take(event.data);
  }

  process(inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const [left, right] = outputs[0] as [Float32Array, Float32Array];
    this.#voice.process(currentFrame, inputs[0]?.[0] ?? SILENCE, left, right);
    this.#statsFrames += left.length;
    if (this.#statsFrames >= STATS_FRAMES) {
      this.#statsFrames = 0;
      const stats: BinauralToWindow = { type: 'stats', ...this.#voice.takeStats() };
      this.port.postMessage(stats);
    }
    return !this.#ended;
  }

  #take(message: WindowToBinaural): void {
    switch (message.type) {
      case 'pose':
        return this.#voice.aim(message.pose);
      case 'delay':
        return this.#voice.delay(message.frame, message.delayFrames);
      case 'link':
        return this.#connect(message.port);
      case 'end':
        this.#link?.close();
        this.#ended = true;
    }
  }

  #connect(port: MessagePort): void {
    this.#link?.close();
    this.#voice.rest();
    this.#link = port;
    port.onmessage = (event: MessageEvent<LinkToBinaural>) => {
      const message = event.data;
      if (message.type === 'refined') this.#voice.refine(message.run, message.block, message.samples);
      else if (message.type === 'recycle') this.#voice.recycle(message.message);
      else if (message.type === 'run') this.#voice.startRun(message.run);
      else this.#voice.rest();
    };
  }
}

registerProcessor(BINAURAL_PROCESSOR, BinauralProcessor);
