import { StudioError } from '../../../../../contract/errors';
import { SlotBuffers } from './slot-buffers';
import type { Pass, Program, Slot } from './program';
import { groupsFor } from './wgsl';

/** A job that takes longer hangs: the device is given up. */
const DEADLINE_MS = 10_000;
/** `GPUMapMode.READ`; Dawn's globals are not on `globalThis`. */
const MAP_READ = 1;

/** Runs programs on a device, one after the other. */
export class GpuRunner {
  readonly #device: GPUDevice;
  readonly #buffers: SlotBuffers;
  readonly #pipelines = new Map<string, Promise<GPUComputePipeline>>();
  readonly #deadlineMs: number;
  #last: Promise<unknown> = Promise.resolve();

  constructor(device: GPUDevice, deadlineMs = DEADLINE_MS) {
    this.#device = device;
    this.#buffers = new SlotBuffers(device);
    this.#deadlineMs = deadlineMs;
  }

  /** Whether the device can hold every slot of a program. */
  fits({ slots }: Program): boolean {
    const { maxStorageBufferBindingSize, maxBufferSize } = this.#device.limits;
    const results = Object.values(slots).filter((slot) => slot.into);
    const readBack = results.reduce((sum, slot) => sum + wordBytes(slot.bytes), 0);
    const largest = Math.max(...Object.values(slots).map((slot) => wordBytes(slot.bytes)));
    return largest <= maxStorageBufferBindingSize && Math.max(largest, readBack) <= maxBufferSize;
  }

  /**
   * Runs a program and fills its results.
   * @param name tells apart what different operations keep
   * @throws StudioError `gpu.failed` when the device is lost, refuses, or does not answer in time.
   */
  run(name: string, program: Program): Promise<void> {
    const turn = this.#last.then(() => this.#run(name, program));
    this.#last = turn.catch(() => {});
    return turn;
  }

  /** Frees the device after the program under way. */
  async close(): Promise<void> {
    await this.#last;
    this.#buffers.destroy();
    this.#device.destroy();
  }

  async #run(name: string, program: Program): Promise<void> {
    try {
      await this.#withinDeadline(this.#submitAndRead(name, program));
    } catch (cause) {
      if (cause instanceof StudioError) throw cause;
      throw failed(`failed at "${name}"`, cause);
    }
  }

  async #submitAndRead(name: string, { slots, passes }: Program): Promise<void> {
    const pipelines = await Promise.all(passes.map(({ kernel }) => this.#pipeline(kernel)));
    const device = this.#device;
    device.pushErrorScope('out-of-memory');
    device.pushErrorScope('validation');
    const encoder = device.createCommandEncoder();
    const buffers = Object.fromEntries(
      Object.entries(slots).map(([slot, made]) => [slot, this.#fill(`${name}.${slot}`, made, encoder)]),
    );
    passes.forEach((pass, i) => this.#dispatch(encoder, pipelines[i]!, pass, slots, buffers));
    const results = Object.entries(slots).filter(([, slot]) => slot.into);
    const total = results.reduce((sum, [, slot]) => sum + wordBytes(slot.bytes), 0);
    const readBack = this.#buffers.readable(`${name}.results`, total);
    let at = 0;
    for (const [slot, { bytes }] of results) {
      encoder.copyBufferToBuffer(buffers[slot]!, 0, readBack, at, wordBytes(bytes));
      at += wordBytes(bytes);
    }
    device.queue.submit([encoder.finish()]);
    const [mapped, ...scopes] = await Promise.allSettled([
      readBack.mapAsync(MAP_READ, 0, total),
      device.popErrorScope(),
      device.popErrorScope(),
    ]);
    const refusal = scopes.find((scope) => scope.status === 'fulfilled' && scope.value !== null);
    if (refusal?.status === 'fulfilled') throw failed(`refused "${name}": ${refusal.value!.message}`);
    if (mapped.status === 'rejected') throw failed(`was lost in "${name}"`, mapped.reason);
    copyOut(
      new Uint8Array(readBack.getMappedRange(0, total)),
      results.map(([, slot]) => slot.into!),
    );
    readBack.unmap();
  }

  #fill(name: string, { bytes, data, zeroed }: Slot, encoder: GPUCommandEncoder): GPUBuffer {
    const buffer = this.#buffers.storage(name, wordBytes(bytes));
    if (data) this.#device.queue.writeBuffer(buffer, 0, wholeWords(data));
    if (zeroed) encoder.clearBuffer(buffer, 0, wordBytes(bytes));
    return buffer;
  }

  #dispatch(
    encoder: GPUCommandEncoder,
    pipeline: GPUComputePipeline,
    { slots: bound, threads }: Pass,
    slots: Program['slots'],
    buffers: Readonly<Record<string, GPUBuffer>>,
  ): void {
    const entries = bound.map((slot, binding) => ({
      binding,
      // The buffer may be larger than what this program keeps in it.
      resource: { buffer: buffers[slot]!, size: wordBytes(slots[slot]!.bytes) },
    }));
    const pass = encoder.beginComputePass();
    pass.setPipeline(pipeline);
    pass.setBindGroup(0, this.#device.createBindGroup({ layout: pipeline.getBindGroupLayout(0), entries }));
    pass.dispatchWorkgroups(...groupsFor(threads));
    pass.end();
  }

  #pipeline(code: string): Promise<GPUComputePipeline> {
    const known = this.#pipelines.get(code);
    if (known) return known;
    const module = this.#device.createShaderModule({ code });
    const compute = { module, entryPoint: 'main' };
    const made = this.#device.createComputePipelineAsync({ layout: 'auto', compute });
    this.#pipelines.set(code, made);
    return made;
  }

  async #withinDeadline(work: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_, reject) => {
      const late = () => reject(failed(`did not answer within ${this.#deadlineMs} ms`));
      timer = setTimeout(late, this.#deadlineMs);
    });
    try {
      await Promise.race([work, deadline]);
    } finally {
      clearTimeout(timer);
    }
  }
}

function failed(what: string, cause?: unknown): StudioError {
  return new StudioError('engine', 'gpu.failed', `The graphics device ${what}.`, { cause });
}

function wordBytes(bytes: number): number {
  return Math.ceil(bytes / 4) * 4;
}

/** WebGPU writes whole words only: what ends within one is copied with zeros after it. */
function wholeWords(data: ArrayBufferView): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(data.buffer as ArrayBuffer, data.byteOffset, data.byteLength);
  if (bytes.length % 4 === 0) return bytes;
  const padded = new Uint8Array(wordBytes(bytes.length));
  padded.set(bytes);
  return padded;
}

function copyOut(from: Uint8Array, into: readonly ArrayBufferView[]): void {
  let at = 0;
  for (const view of into) {
    const bytes = new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
    bytes.set(from.subarray(at, at + bytes.length));
    at += wordBytes(bytes.length);
  }
}
