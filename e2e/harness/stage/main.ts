import type { LayerCondition, StageStats } from '../../../contract/stage';
import { StageClient } from '../../../renderer/stage/stage-client';

/** What the tests can do in the page. */
export type StageHarness = {
  start(): void;
  /** Gives the layer a fake camera of the browser. */
  camera(layerId: string): Promise<void>;
  /** Ends the camera without a word, as an unplugged one does. */
  unplug(): void;
  /** Sends `blocks` blocks of 10 ms of a 1 kHz tone, paced by the clock. */
  sound(blocks: number): Promise<void>;
  clockErrorUs(mainUs: number): number;
  stats: StageStats[];
  layers: LayerCondition[];
  anchors: number[];
  connections: boolean[];
  replacements: boolean[];
  takeBack(): void;
  /** How often the worker was found dead. */
  deaths: number;
};

declare global {
  interface Window {
    stageHarness: StageHarness;
  }
}

/** Not in TypeScript's library yet. */
declare class MediaStreamTrackProcessor {
  constructor(init: { track: MediaStreamTrack; maxBufferSize?: number });
  readonly readable: ReadableStream<VideoFrame>;
}

const params = new URLSearchParams(location.hash.slice(1));
const token = params.get('token') ?? '';
let client: StageClient | null = null;
let track: MediaStreamTrack | null = null;

function started(): StageClient {
  if (client === null) throw new Error('The stage was not started.');
  return client;
}

async function sendTone(port: MessagePort, blocks: number): Promise<void> {
  const began = performance.now();
  for (let block = 0; block < blocks; block += 1) {
    const samples = new Float32Array(960);
    for (let index = 0; index < 480; index += 1) {
      const value = 0.5 * Math.sin((2 * Math.PI * 1000 * (block * 480 + index)) / 48_000);
      samples[2 * index] = value;
      samples[2 * index + 1] = value;
    }
    const waitMs = began + (block + 1) * 10 - performance.now();
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs));
    port.postMessage({ type: 'pcm', frame: block * 480, samples }, [samples.buffer]);
    port.postMessage({ type: 'levels', peaks: { mix: 0.5 } });
  }
}

window.stageHarness = {
  stats: [],
  layers: [],
  anchors: [],
  connections: [],
  replacements: [],
  takeBack: () => started().takeBack(),
  deaths: 0,
  start() {
    client = new StageClient({
      url: location.origin.replace(/^http/, 'ws'),
      token,
      died: () => (window.stageHarness.deaths += 1),
    });
    client.onStats((stats) => window.stageHarness.stats.push(stats));
    client.onLayer((layer) => window.stageHarness.layers.push(layer));
    client.onSoundAnchor((anchor) => window.stageHarness.anchors.push(anchor));
    client.onReplaced((replaced) => window.stageHarness.replacements.push(replaced));
    client.onConnection((connected) => window.stageHarness.connections.push(connected));
    const canvas = document.querySelector('canvas');
    if (canvas === null) throw new Error('The harness page must have a canvas.');
    client.attachCanvas(canvas);
    client.resize(1280, 720);
  },
  async camera(layerId) {
    const stream = await navigator.mediaDevices.getUserMedia({ video: { width: 640, height: 480 } });
    track = stream.getVideoTracks()[0] ?? null;
    if (track === null) throw new Error('The fake camera must have a track.');
    started().setCamera(layerId, new MediaStreamTrackProcessor({ track, maxBufferSize: 2 }).readable);
  },
  unplug() {
    track?.stop();
  },
  async sound(blocks) {
    const { port1, port2 } = new MessageChannel();
    started().connectSound(port2);
    await sendTone(port1, blocks);
  },
  clockErrorUs: (mainUs) => started().programmeUs() - mainUs,
};

// For a browser that is not driven from outside: `#token=…&camera=<layer id>` starts by itself.
const layerId = params.get('camera');
if (layerId !== null) {
  window.stageHarness.start();
  void window.stageHarness.camera(layerId);
}
