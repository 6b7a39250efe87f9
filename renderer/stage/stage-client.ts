import type { BinauralStats, LayerCondition, StageStats } from '../../contract/stage';
import type { StageToWindow, WindowToStage } from '../../contract/stage-ui';
import { WorkerWatch } from './worker-watch';

type Listener<Value> = (value: Value) => void;

/** A set of listeners; `add` gives the function that takes one away. */
class Listeners<Value> {
  readonly #all = new Set<Listener<Value>>();

  add(listener: Listener<Value>): () => void {
    this.#all.add(listener);
    return () => this.#all.delete(listener);
  }

  call(value: Value): void {
    for (const listener of this.#all) listener(value);
  }

  clear(): void {
    this.#all.clear();
  }
}

/** How to reach the studio. */
export type StageClientOptions = {
  /** `ws://127.0.0.1:port`, without a path. */
  url: string;
  token: string;
  /** The worker died or hangs: canvas, cameras and sound went with it, so the page must be loaded anew. */
  died: () => void;
};

/** The window's handle on the stage worker: hands things over, passes news on. */
export class StageClient {
  readonly #worker: Worker;
  readonly #watch: WorkerWatch;
  readonly #stats = new Listeners<StageStats>();
  readonly #layers = new Listeners<LayerCondition>();
  readonly #anchors = new Listeners<number>();
  readonly #connections = new Listeners<boolean>();
  readonly #replacements = new Listeners<boolean>();
  readonly #clocks = new Listeners<number>();
  #offsetUs: number | null = null;
  #anchorUs: number | null = null;
  #connected = false;
  #replaced = false;

  constructor(options: StageClientOptions) {
    this.#worker = new Worker(new URL('./worker.ts', import.meta.url), { type: 'module' });
    this.#worker.onmessage = (event: MessageEvent<StageToWindow>) => this.#receive(event.data);
    this.#watch = new WorkerWatch(() => {
      console.error('The stage worker must answer, but is silent; it died or hangs.');
      options.died();
    });
    this.#worker.onerror = (event) => {
      console.error('The stage worker threw an error nobody caught.', event.message);
      this.#watch.doubt();
    };
    this.#worker.onmessageerror = () => console.error('A message of the stage worker could not be read.');
    this.#send({ type: 'start', url: options.url, token: options.token });
  }

  /** Gives the stage a canvas to show the programme on; a canvas can be given away only once. */
  attachCanvas(canvas: HTMLCanvasElement): void {
    const offscreen = canvas.transferControlToOffscreen();
    this.#send({ type: 'canvas', canvas: offscreen }, [offscreen]);
  }

  /** Sets the canvas's size in device pixels. */
  resize(width: number, height: number): void {
    this.#send({ type: 'resize', width, height });
  }

  /** Hands the frames of a camera layer over (transferred); an earlier stream of it is given up. */
  setCamera(layerId: string, frames: ReadableStream<VideoFrame>): void {
    this.#send({ type: 'camera', layerId, frames }, [frames]);
  }

  /** Says what is wrong with a layer's camera, until its next frame. */
  cameraLost(layerId: string, condition: Omit<LayerCondition, 'layerId'>): void {
    this.#send({ type: 'camera-lost', layerId, condition: { ...condition, layerId } });
  }

  /** Hands over the other end of the mix worklet's port (transferred). */
  connectSound(port: MessagePort): void {
    this.#send({ type: 'sound', port }, [port]);
  }

  /** How the placed strips were rendered in the last second, for the statistics. */
  tellPlaced(strips: BinauralStats[]): void {
    this.#send({ type: 'placed', strips });
  }

  /** Statistics of the last second, twice a second. Each `on…` gives the function that ends it. */
  onStats(listener: Listener<StageStats>): () => void {
    return this.#stats.add(listener);
  }

  /** Conditions of layers, when they change. */
  onLayer(listener: Listener<LayerCondition>): () => void {
    return this.#layers.add(listener);
  }

  /** The clock's offset in µs, about once a second: programme µs = (timeOrigin + now) × 1000 + offset. */
  onClock(listener: Listener<number>): () => void {
    if (this.#offsetUs !== null) listener(this.#offsetUs);
    return this.#clocks.add(listener);
  }

  /** Programme time of sample 0 of the sound clock: at once where it is known, and after each jump. */
  onSoundAnchor(listener: Listener<number>): () => void {
    if (this.#anchorUs !== null) listener(this.#anchorUs);
    return this.#anchors.add(listener);
  }

  /** Whether the stage has its socket to main: at once, and when it changes. */
  onConnection(listener: Listener<boolean>): () => void {
    listener(this.#connected);
    return this.#connections.add(listener);
  }

  /** Whether another window's stage took over, so that this one rests: at once, and when it changes. */
  onReplaced(listener: Listener<boolean>): () => void {
    listener(this.#replaced);
    return this.#replacements.add(listener);
  }

  /** Takes the stage back from the other window; the other one rests then. */
  takeBack(): void {
    this.#send({ type: 'take-back' });
  }

  /** Programme time now, µs; 0 before the clock is known. */
  programmeUs(): number {
    if (this.#offsetUs === null) return 0;
    return (performance.timeOrigin + performance.now()) * 1000 + this.#offsetUs;
  }

  dispose(): void {
    this.#watch.stop();
    this.#worker.terminate();
    for (const all of [this.#stats, this.#layers, this.#anchors, this.#clocks]) all.clear();
    for (const all of [this.#connections, this.#replacements]) all.clear();
  }

  #send(message: WindowToStage, transfer: Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  #receive(message: StageToWindow): void {
    this.#watch.heard();
    switch (message.type) {
      case 'clock':
        this.#offsetUs = message.offsetUs;
        return this.#clocks.call(message.offsetUs);
      case 'sound-anchor':
        this.#anchorUs = message.anchorUs;
        return this.#anchors.call(message.anchorUs);
      case 'stats':
        return this.#stats.call(message.stats);
      case 'layer':
        return this.#layers.call(message.layer);
      case 'connection':
        this.#connected = message.connected;
        if (message.replaced !== this.#replaced) {
          this.#replaced = message.replaced;
          this.#replacements.call(message.replaced);
        }
        return this.#connections.call(message.connected);
    }
  }
}
