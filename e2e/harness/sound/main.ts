import type { LiveState } from '../../../contract/live';
import type { BinauralStats, LayerCondition } from '../../../contract/stage';
import type { SoundToStage } from '../../../contract/stage-ui';
import { Cameras } from '../../../renderer/capture/cameras';
import { SoundEngine } from '../../../renderer/sound/sound-engine';

/** Blocks kept: a minute of sound. */
const MAX_BLOCKS = 6000;

const contexts: AudioContext[] = [];
const tracks: MediaStreamTrack[] = [];
let opened = 0;
let engine: SoundEngine | null = null;
let cameras: Cameras | null = null;

const NativeContext = globalThis.AudioContext;
globalThis.AudioContext = class extends NativeContext {
  constructor(options?: AudioContextOptions) {
    super(options);
    contexts.push(this);
  }
};

const devices = navigator.mediaDevices;
const getUserMedia = devices.getUserMedia.bind(devices);
let refusal: string | null = null;
devices.getUserMedia = async (constraints) => {
  if (refusal !== null) throw new DOMException('refused by the test', refusal);
  const stream = await getUserMedia(constraints);
  opened += 1;
  tracks.push(...stream.getTracks());
  return stream;
};

/** The stage's part: keeps what it gets, so that a test can look at it. */
class StageRecorder {
  blocks: { frame: number; samples: Float32Array; delayFrames: number }[] = [];
  placed: BinauralStats[] = [];
  levels: Record<string, number> = {};
  counts: Record<string, number> = {};
  sizes: Record<string, [number, number]> = {};
  streams: Record<string, number> = {};
  lost: LayerCondition[] = [];
  anchored: (anchorUs: number) => void = () => undefined;

  onSoundAnchor(listener: (anchorUs: number) => void): void {
    this.anchored = listener;
  }

  connectSound(port: MessagePort): void {
    port.onmessage = ({ data }: MessageEvent<SoundToStage>) => {
      if (data.type === 'levels') this.levels = data.peaks;
      else {
        const { frame, samples, delayFrames = 0 } = data;
        this.blocks.push({ frame, samples: samples.slice(), delayFrames });
        port.postMessage({ type: 'recycle', samples: data.samples }, [data.samples.buffer]);
        if (this.blocks.length > MAX_BLOCKS) this.blocks.shift();
      }
    };
  }

  tellPlaced(strips: BinauralStats[]): void {
    this.placed = strips;
  }

  setCamera(layerId: string, frames: ReadableStream<VideoFrame>): void {
    this.streams[layerId] = (this.streams[layerId] ?? 0) + 1;
    void this.#count(layerId, frames);
  }

  cameraLost(_layerId: string, condition: LayerCondition): void {
    this.lost.push(condition);
  }

  async #count(layerId: string, frames: ReadableStream<VideoFrame>): Promise<void> {
    for await (const frame of frames) {
      this.counts[layerId] = (this.counts[layerId] ?? 0) + 1;
      this.sizes[layerId] = [frame.displayWidth, frame.displayHeight];
      frame.close();
    }
  }
}

let stage = new StageRecorder();
const errors: { code: string; message: string }[] = [];

const harness = {
  /** Begins anew with an engine and cameras of its own. */
  async open(): Promise<void> {
    harness.close();
    stage = new StageRecorder();
    errors.length = 0;
    tracks.length = 0;
    opened = 0;
    engine = new SoundEngine({ stage, token: '', mediaUrl: (mediaId) => `/media/${mediaId}` });
    engine.onError((error) => errors.push({ code: error.code, message: error.message }));
    cameras = new Cameras({ stage });
    await engine.start();
  },
  close(): void {
    engine?.dispose();
    cameras?.dispose();
    engine = null;
    cameras = null;
  },
  apply(state: LiveState): void {
    engine?.apply(state);
  },
  applyCameras(state: LiveState): void {
    cameras?.apply(state);
  },
  anchor(anchorUs: number): void {
    stage.anchored(anchorUs);
  },
  retry(): void {
    engine?.retry();
    cameras?.retry();
  },
  /** Sample number that is mixed about now. */
  nowFrame(): number {
    return Math.round((contexts.at(-1)?.currentTime ?? 0) * 48_000);
  },
  blockFrames(): number[] {
    return stage.blocks.map((block) => block.frame);
  },
  /** One channel (0 is left) of samples `[from, from + frames)`, once they were mixed, as base64 of f32. */
  async pcm(from: number, frames: number, channel = 0): Promise<string> {
    const end = () => (stage.blocks.at(-1)?.frame ?? 0) + 480;
    while (end() < from + frames) await new Promise((resolve) => setTimeout(resolve, 20));
    const samples = new Float32Array(frames).fill(Number.NaN);
    for (const block of stage.blocks) {
      for (let i = 0; i < 480; i++) {
        const at = block.frame + i - from;
        if (at >= 0 && at < frames) samples[at] = block.samples[2 * i + channel]!;
      }
    }
    let text = '';
    for (const byte of new Uint8Array(samples.buffer)) text += String.fromCharCode(byte);
    return btoa(text);
  },
  levels: () => stage.levels,
  /** How placed strips were rendered, and how old the newest block of the mix is, in samples. */
  placed: () => ({ strips: stage.placed, delayFrames: stage.blocks.at(-1)?.delayFrames ?? 0 }),
  /** First sample of the oldest kept block that is so many samples old; null when there is none. */
  firstFrameWithDelay: (delayFrames: number) =>
    stage.blocks.find((block) => block.delayFrames === delayFrames)?.frame ?? null,
  errors: () => errors,
  opened: () => opened,
  camera: () => ({ counts: stage.counts, sizes: stage.sizes, streams: stage.streams, lost: stage.lost }),
  devices: () => cameras?.devices(),
  /** Ends the newest opened track as an unplugged device does. */
  unplug(): void {
    const track = tracks.at(-1);
    track?.stop();
    track?.dispatchEvent(new Event('ended'));
  },
  refuse(name: string | null): void {
    refusal = name;
  },
  loseSpeakers(): void {
    contexts.at(-1)?.dispatchEvent(new Event('error'));
  },
};

/** What a test drives, on `window.harness`. */
export type SoundHarness = typeof harness;
Object.assign(globalThis, { harness });
