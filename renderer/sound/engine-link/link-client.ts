import type { LinkedStream, WindowToLink } from './link-messages';

/**
 * The window's handle on the sound link worker. Only what changed is told; the worker is made
 * with the first port.
 */
export class LinkClient {
  readonly #token: string;
  readonly #told = new Map<string, string>();
  #worker: Worker | null = null;
  #anchorUs: number | null = null;

  constructor(token: string) {
    this.#token = token;
  }

  /** Programme time of sample 0, µs. */
  setAnchor(anchorUs: number): void {
    this.#anchorUs = anchorUs;
    if (this.#worker) this.#tell({ type: 'anchor', anchorUs });
  }

  /** Hands over a placed strip's port. */
  addVoice(stripId: string, port: MessagePort): void {
    this.#told.delete(stripId);
    this.#start();
    this.#tell({ type: 'voice', stripId, port }, [port]);
  }

  /** The stream that refines a placed strip; null: none. */
  setVoiceStream(stripId: string, stream: LinkedStream | null): void {
    if (this.#isNew(stripId, stream)) this.#tell({ type: 'voice-stream', stripId, stream });
  }

  removeVoice(stripId: string): void {
    this.#told.delete(stripId);
    this.#tell({ type: 'voice-end', stripId });
  }

  /** Hands over the tap's port. */
  setTap(port: MessagePort): void {
    this.#told.delete('');
    this.#start();
    this.#tell({ type: 'tap', port }, [port]);
  }

  /** The stream that listens to the tap; null: none. */
  setTapStream(stream: LinkedStream | null): void {
    if (this.#isNew('', stream)) this.#tell({ type: 'tap-stream', stream });
  }

  dispose(): void {
    this.#worker?.terminate();
    this.#worker = null;
  }

  #start(): void {
    if (this.#worker) return;
    this.#worker = new Worker(new URL('./sound-link-worker.ts', import.meta.url), { type: 'module' });
    this.#worker.onerror = (event) => console.error('The sound link worker failed.', event.message);
    this.#tell({ type: 'start', token: this.#token });
    if (this.#anchorUs !== null) this.#tell({ type: 'anchor', anchorUs: this.#anchorUs });
  }

  #isNew(key: string, stream: LinkedStream | null): boolean {
    const text = JSON.stringify(stream);
    if (this.#told.get(key) === text) return false;
    this.#told.set(key, text);
    return true;
  }

  #tell(message: WindowToLink, transfer: Transferable[] = []): void {
    this.#worker?.postMessage(message, transfer);
  }
}
