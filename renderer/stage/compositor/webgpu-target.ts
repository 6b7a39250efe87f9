import type { Size } from '../geometry';
import { memoryCanvas } from '../picture';
import { BufferUsage, MapMode, TextureUsage } from './webgpu-flags';

/** Where WebGPU draws and how its picture becomes a canvas. */
export type GpuTarget = {
  readonly format: GPUTextureFormat;
  /** The texture of the next picture. */
  texture(size: Size): GPUTexture;
  /** Adds to the frame's commands what is needed to get the picture out. */
  finish(encoder: GPUCommandEncoder): void;
  /** After the commands were submitted: the picture on a canvas. */
  canvas(): Promise<OffscreenCanvas>;
  dispose(): void;
};

const USAGE = TextureUsage.attachment | TextureUsage.copySrc | TextureUsage.binding;

/** Draws straight to a WebGPU canvas: no copy where there is a real GPU. */
export function canvasTarget(device: GPUDevice): GpuTarget {
  const canvas = new OffscreenCanvas(1280, 720);
  const context = canvas.getContext('webgpu');
  if (context === null) throw new Error('A WebGPU canvas could not be made.');
  const format = navigator.gpu.getPreferredCanvasFormat();
  context.configure({ device, format, usage: USAGE, alphaMode: 'opaque' });
  return {
    format,
    texture(size) {
      if (canvas.width !== size.width || canvas.height !== size.height) {
        canvas.width = size.width;
        canvas.height = size.height;
      }
      return context.getCurrentTexture();
    },
    finish: () => undefined,
    canvas: () => Promise.resolve(canvas),
    dispose: () => context.unconfigure(),
  };
}

/** Draws to a texture and reads it back: works where canvases of the GPU do not reach the encoder. */
export function readbackTarget(device: GPUDevice): GpuTarget {
  let surface = memoryCanvas(1280, 720, false);
  let texture: GPUTexture | null = null;
  let buffer: GPUBuffer | null = null;
  let rowBytes = 0;
  const release = () => {
    texture?.destroy();
    buffer?.destroy();
  };
  return {
    format: 'rgba8unorm',
    texture({ width, height }) {
      if (texture !== null && texture.width === width && texture.height === height) return texture;
      release();
      surface = memoryCanvas(width, height, false);
      // Rows of a buffer copy begin at multiples of 256 bytes.
      rowBytes = Math.ceil((width * 4) / 256) * 256;
      texture = device.createTexture({ size: [width, height], format: 'rgba8unorm', usage: USAGE });
      buffer = device.createBuffer({
        size: rowBytes * height,
        usage: BufferUsage.copyDst | BufferUsage.mapRead,
      });
      return texture;
    },
    finish(encoder) {
      if (texture === null || buffer === null) return;
      encoder.copyTextureToBuffer({ texture }, { buffer, bytesPerRow: rowBytes }, [
        texture.width,
        texture.height,
      ]);
    },
    async canvas() {
      if (texture === null || buffer === null) throw new Error('No WebGPU picture was drawn.');
      const { width, height } = texture;
      await buffer.mapAsync(MapMode.read);
      const pixels = packRows(new Uint8Array(buffer.getMappedRange()), width * 4, rowBytes, height);
      buffer.unmap();
      surface.context.putImageData(new ImageData(pixels, width, height), 0, 0);
      return surface.canvas;
    },
    dispose: release,
  };
}

function packRows(
  padded: Uint8Array,
  lineBytes: number,
  rowBytes: number,
  rows: number,
): Uint8ClampedArray<ArrayBuffer> {
  const packed = new Uint8ClampedArray(lineBytes * rows);
  for (let row = 0; row < rows; row += 1) {
    packed.set(padded.subarray(row * rowBytes, row * rowBytes + lineBytes), row * lineBytes);
  }
  return packed;
}
