import type { StudioError } from '../../contract/errors';
import { CaptureSlot } from '../capture/capture-slot';
import type { SavedDevice } from '../capture/devices';

/** Sound as it is: what telephony improves, it takes away from music and from the room. */
const CONSTRAINTS: MediaTrackConstraints = {
  echoCancellation: false,
  noiseSuppression: false,
  autoGainControl: false,
  channelCount: { ideal: 2 },
};

/** A microphone as the source of a strip; a lost one comes back by itself. */
export class MicrophoneSource {
  readonly #context: AudioContext;
  readonly #output: AudioNode;
  readonly #slot: CaptureSlot;
  #node: MediaStreamAudioSourceNode | null = null;

  /** `onCondition` gets the reason while there is no sound from it, null when there is again. */
  constructor(
    context: AudioContext,
    output: AudioNode,
    device: SavedDevice,
    onCondition: (error: StudioError | null) => void,
  ) {
    this.#context = context;
    this.#output = output;
    this.#slot = new CaptureSlot({
      kind: 'microphone',
      device,
      constraints: CONSTRAINTS,
      onTrack: (track) => {
        this.#connect(track);
        onCondition(null);
      },
      onLost: (error) => {
        this.#disconnect();
        onCondition(error);
      },
    });
  }

  /** Asks again after a refusal. */
  retry(): void {
    this.#slot.retry();
  }

  dispose(): void {
    this.#slot.dispose();
    this.#disconnect();
  }

  #connect(track: MediaStreamTrack): void {
    this.#disconnect();
    this.#node = new MediaStreamAudioSourceNode(this.#context, { mediaStream: new MediaStream([track]) });
    this.#node.connect(this.#output);
  }

  #disconnect(): void {
    this.#node?.disconnect();
    this.#node = null;
  }
}
