import type {} from 'webgpu';
import { StudioError } from '../../../../../contract/errors';

/** A device of this machine, and what it calls itself. */
export type OpenedDevice = {
  device: GPUDevice;
  name: string;
  /** Whether it is a program on the CPU that only looks like a graphics card. */
  isSoftware: boolean;
};

/**
 * What `create()` gave, one a process. Without a reference to it Dawn hangs or aborts sooner or
 * later, so it stays here for as long as the process lives.
 */
let instance: GPU | null = null;

/**
 * A WebGPU device by Dawn (the `webgpu` package, which may be absent).
 * @throws StudioError `gpu.unavailable` that says what is missing.
 */
export async function openDevice(): Promise<OpenedDevice> {
  const gpu = await loadDawn();
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) throw unavailable('no graphics driver here offers a WebGPU adapter');
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  const device = await adapter
    .requestDevice({ requiredLimits: { maxBufferSize, maxStorageBufferBindingSize } })
    .catch((cause: unknown) => {
      throw unavailable(`the adapter "${nameOf(adapter)}" gives no device`, cause);
    });
  return { device, name: nameOf(adapter), isSoftware: adapter.info.isFallbackAdapter };
}

async function loadDawn(): Promise<GPU> {
  if (instance) return instance;
  try {
    const { create } = await import('webgpu');
    instance = create([]);
    return instance;
  } catch (cause) {
    throw unavailable('the webgpu package is not installed or does not load', cause);
  }
}

function nameOf({ info }: GPUAdapter): string {
  return info.device || info.description || `${info.vendor} ${info.architecture}`.trim() || 'unnamed';
}

function unavailable(what: string, cause?: unknown): StudioError {
  const message = `Pictures are made on the CPU: ${what}.`;
  return new StudioError('engine', 'gpu.unavailable', message, { cause });
}
