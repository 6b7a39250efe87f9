/** `GPUBufferUsage`: Dawn's globals are not on `globalThis`. */
const MAP_READ = 0x1;
const COPY_SRC = 0x4;
const COPY_DST = 0x8;
const STORAGE = 0x80;
/** A kept buffer may be so many times larger than what is asked for. */
const MAX_SLACK = 4;

/** Keeps one buffer for each name from job to job, made anew when it is too small or far too large. */
export class SlotBuffers {
  readonly #device: GPUDevice;
  readonly #buffers = new Map<string, GPUBuffer>();

  constructor(device: GPUDevice) {
    this.#device = device;
  }

  /** A storage buffer of at least so many bytes; it holds anything. */
  storage(name: string, bytes: number): GPUBuffer {
    return this.#take(name, bytes, STORAGE | COPY_SRC | COPY_DST);
  }

  /** A buffer of at least so many bytes that the CPU can read. */
  readable(name: string, bytes: number): GPUBuffer {
    return this.#take(name, bytes, MAP_READ | COPY_DST);
  }

  /** Frees all of them. */
  destroy(): void {
    for (const buffer of this.#buffers.values()) buffer.destroy();
    this.#buffers.clear();
  }

  #take(name: string, bytes: number, usage: number): GPUBuffer {
    const known = this.#buffers.get(name);
    if (known && known.size >= bytes && known.size <= MAX_SLACK * bytes) return known;
    known?.destroy();
    const made = this.#device.createBuffer({ size: bytes, usage });
    this.#buffers.set(name, made);
    return made;
  }
}
