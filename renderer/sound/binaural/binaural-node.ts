import { BINAURAL_PROCESSOR, type BinauralToWindow, type WindowToBinaural } from './binaural-messages';
import workletUrl from './binaural-worklet?worker&url';
import type { Pose } from './parametric-render';
import type { VoiceStats } from './placed-voice';

/** Makes binaural nodes possible in a context; rejects when the worklet cannot be loaded. */
export function loadBinaural(context: BaseAudioContext): Promise<void> {
  return context.audioWorklet.addModule(workletUrl);
}

/** A place around the listener in the sound graph: what goes in is folded to mono, what comes out is stereo. */
export class BinauralNode {
  /** The graph's node: in and out. */
  readonly node: AudioWorkletNode;
  #stats: VoiceStats = { networkShare: 0, missed: 0, delayFrames: 0 };

  /** `loadBinaural` must have come first. */
  constructor(context: BaseAudioContext, pose: Pose) {
    this.node = new AudioWorkletNode(context, BINAURAL_PROCESSOR, {
      numberOfInputs: 1,
      numberOfOutputs: 1,
      outputChannelCount: [2],
      channelCount: 1,
      channelCountMode: 'explicit',
      channelInterpretation: 'speakers',
      processorOptions: { pose },
    });
    this.node.port.onmessage = (event: MessageEvent<BinauralToWindow>) => {
      const { networkShare, missed, delayFrames } = event.data;
      this.#stats = { networkShare, missed, delayFrames };
    };
  }

  /** How the last second was rendered. */
  get stats(): VoiceStats {
    return this.#stats;
  }

  /** Where the source shall be; it goes there without a click. */
  aim(pose: Pose): void {
    this.#tell({ type: 'pose', pose });
  }

  /** From a sample of the sound clock on, what is heard is so many samples old. */
  delay(frame: number, delayFrames: number): void {
    this.#tell({ type: 'delay', frame, delayFrames });
  }

  /** Gives the worklet its way to the link worker; the result is the worker's end (to be transferred). */
  openLink(): MessagePort {
    const { port1, port2 } = new MessageChannel();
    this.#tell({ type: 'link', port: port1 }, [port1]);
    return port2;
  }

  /** Lets go of the graph and of the worklet. */
  end(): void {
    this.#tell({ type: 'end' });
    this.node.disconnect();
  }

  #tell(message: WindowToBinaural, transfer: Transferable[] = []): void {
    this.node.port.postMessage(message, transfer);
  }
}
