import { VOICE_PROCESSOR, type WindowToVoice } from './voice-messages';

// What AudioWorkletGlobalScope has and no TypeScript library declares.
declare const currentFrame: number;
declare class AudioWorkletProcessor {
  readonly port: MessagePort;
}
declare function registerProcessor(name: string, processor: new () => AudioWorkletProcessor): void;

const FADE_FRAMES = 240;

type Piece = { frame: number; planes: Float32Array[] };

/**
 * Plays pieces of sound at their sample numbers. Pieces are queued here and not as graph nodes:
 * where one buffer node ends on a quantum boundary and the next begins, while the window changes
 * the graph, Chromium now and then leaves a whole quantum silent.
 */
class VoiceProcessor extends AudioWorkletProcessor {
  readonly #pieces: Piece[] = [];
  #fadeFrame = -1;

  constructor() {
    super();
    this.port.onmessage = (event: MessageEvent<WindowToVoice>) => {
      if (event.data.type === 'play') this.#pieces.push(event.data);
      else this.#fadeFrame = currentFrame;
    };
  }

  process(_inputs: Float32Array[][], outputs: Float32Array[][]): boolean {
    const output = outputs[0] ?? [];
    while (this.#pieces.length > 0 && endOf(this.#pieces[0]!) <= currentFrame) this.#pieces.shift();
    for (const piece of this.#pieces) {
      for (let channel = 0; channel < output.length; channel++) copyInto(output[channel]!, piece, channel);
    }
    if (this.#fadeFrame < 0) return true;
    for (const channel of output) fadeOut(channel, currentFrame - this.#fadeFrame);
    if (currentFrame - this.#fadeFrame < FADE_FRAMES) return true;
    this.port.postMessage('ended');
    return false;
  }
}

function endOf({ frame, planes }: Piece): number {
  return frame + (planes[0]?.length ?? 0);
}

/** Copies what of the piece falls into this quantum; the output begins as silence. */
function copyInto(output: Float32Array, { frame, planes }: Piece, channel: number): void {
  const plane = planes[channel];
  if (!plane) return;
  const from = Math.max(frame, currentFrame);
  const to = Math.min(frame + plane.length, currentFrame + output.length);
  for (let at = from; at < to; at++) output[at - currentFrame] = plane[at - frame]!;
}

function fadeOut(samples: Float32Array, sinceFrames: number): void {
  for (let i = 0; i < samples.length; i++) {
    samples[i] = samples[i]! * Math.max(0, 1 - (sinceFrames + i) / FADE_FRAMES);
  }
}

registerProcessor(VOICE_PROCESSOR, VoiceProcessor);
