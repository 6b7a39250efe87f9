import type { BlendMode } from '../../../contract/project';
import type { Size } from '../geometry';
import type { Compositor, CompositorChoice, DrawItem } from './compositor';
import { backdropMode, MERGED_MODES, QUAD_FLOATS, quadFloats } from './quad';
import { WGSL } from './webgpu-shader';
import { canvasTarget, readbackTarget, type GpuTarget } from './webgpu-target';
import { GpuTextures, type UploadWay } from './webgpu-textures';
import { BufferUsage, ShaderStage, TextureUsage } from './webgpu-flags';

/** Uniform buffers are bound at multiples of this many bytes. */
const QUAD_STRIDE = 256;

const FACTORS: Record<(typeof MERGED_MODES)[number], { src: GPUBlendFactor; dst: GPUBlendFactor }> = {
  normal: { src: 'one', dst: 'one-minus-src-alpha' },
  add: { src: 'one', dst: 'one' },
  screen: { src: 'one', dst: 'one-minus-src' },
  multiply: { src: 'dst', dst: 'one-minus-src-alpha' },
};

/** The compositor on WebGPU, drawing to a canvas or to a texture that is read back. */
export class WebGpuCompositor implements Compositor {
  readonly backend = 'webgpu';
  readonly #device: GPUDevice;
  readonly #target: GpuTarget;
  readonly #textures: GpuTextures;
  readonly #sampler: GPUSampler;
  readonly #module: GPUShaderModule;
  readonly #layout: GPUBindGroupLayout;
  readonly #pipelines = new Map<string, GPURenderPipeline>();
  #quads: GPUBuffer | null = null;
  #backdrop: GPUTexture;
  #disposed = false;

  constructor(device: GPUDevice, target: GpuTarget, upload: UploadWay, onLost: (reason: string) => void) {
    this.#device = device;
    this.#target = target;
    this.#textures = new GpuTextures(device, upload);
    this.#sampler = device.createSampler({ magFilter: 'linear', minFilter: 'linear' });
    this.#module = device.createShaderModule({ code: WGSL });
    this.#layout = makeLayout(device);
    this.#backdrop = this.#makeBackdrop({ width: 1, height: 1 });
    void device.lost.then(({ message }) => {
      if (!this.#disposed) onLost(`the WebGPU device was lost: ${message}`);
    });
  }

  async draw(items: readonly DrawItem[], size: Size): Promise<OffscreenCanvas> {
    const device = this.#device;
    device.pushErrorScope('validation');
    const target = this.#target.texture(size);
    this.#writeQuads(items, size);
    const commands = device.createCommandEncoder();
    let pass = beginPass(commands, target, 'clear');
    items.forEach((item, index) => {
      if (backdropMode(item.blend) !== 0) {
        pass.end();
        this.#copyBackdrop(commands, target);
        pass = beginPass(commands, target, 'load');
      }
      pass.setPipeline(this.#pipeline(item.blend));
      pass.setBindGroup(0, this.#bind(this.#textures.upload(item.picture, index)), [index * QUAD_STRIDE]);
      pass.draw(4);
    });
    pass.end();
    this.#target.finish(commands);
    device.queue.submit([commands.finish()]);
    const failed = device.popErrorScope();
    this.#textures.trim(items.length);
    const canvas = await this.#target.canvas();
    const error = await failed;
    if (error !== null) throw new Error(error.message);
    return canvas;
  }

  dispose(): void {
    this.#disposed = true;
    this.#target.dispose();
    this.#device.destroy();
  }

  #writeQuads(items: readonly DrawItem[], size: Size): void {
    const bytes = Math.max(1, items.length) * QUAD_STRIDE;
    if (this.#quads === null || this.#quads.size < bytes) {
      this.#quads?.destroy();
      const usage = BufferUsage.uniform | BufferUsage.copyDst;
      this.#quads = this.#device.createBuffer({ size: bytes, usage });
    }
    const all = new Float32Array(bytes / 4);
    items.forEach((item, index) => all.set(quadFloats(item, size), (index * QUAD_STRIDE) / 4));
    this.#device.queue.writeBuffer(this.#quads, 0, all);
  }

  #copyBackdrop(commands: GPUCommandEncoder, target: GPUTexture): void {
    if (this.#backdrop.width !== target.width || this.#backdrop.height !== target.height) {
      this.#backdrop = this.#makeBackdrop(target);
    }
    const size = [target.width, target.height];
    commands.copyTextureToTexture({ texture: target }, { texture: this.#backdrop }, size);
  }

  #makeBackdrop({ width, height }: Size): GPUTexture {
    return this.#device.createTexture({
      size: [width, height],
      format: this.#target.format,
      usage: TextureUsage.binding | TextureUsage.copyDst,
    });
  }

  #bind(picture: GPUTexture): GPUBindGroup {
    if (this.#quads === null) throw new Error('The layers must be written before they are bound.');
    return this.#device.createBindGroup({
      layout: this.#layout,
      entries: [
        { binding: 0, resource: { buffer: this.#quads, size: QUAD_FLOATS * 4 } },
        { binding: 1, resource: this.#sampler },
        { binding: 2, resource: picture.createView() },
        { binding: 3, resource: this.#backdrop.createView() },
      ],
    });
  }

  #pipeline(blend: BlendMode): GPURenderPipeline {
    const merged = MERGED_MODES.find((mode) => mode === blend);
    const key = merged ?? 'blended';
    const present = this.#pipelines.get(key);
    if (present !== undefined) return present;
    const made = this.#device.createRenderPipeline({
      layout: this.#device.createPipelineLayout({ bindGroupLayouts: [this.#layout] }),
      vertex: { module: this.#module, entryPoint: 'corner' },
      fragment: {
        module: this.#module,
        entryPoint: merged === undefined ? 'blended' : 'merged',
        targets: [
          { format: this.#target.format, ...(merged === undefined ? {} : { blend: blendState(merged) }) },
        ],
      },
      primitive: { topology: 'triangle-strip' },
    });
    this.#pipelines.set(key, made);
    return made;
  }
}

function blendState(mode: (typeof MERGED_MODES)[number]): GPUBlendState {
  const { src, dst } = FACTORS[mode];
  return {
    color: { srcFactor: src, dstFactor: dst, operation: 'add' },
    // The programme is opaque whatever is drawn.
    alpha: { srcFactor: 'zero', dstFactor: 'one', operation: 'add' },
  };
}

function makeLayout(device: GPUDevice): GPUBindGroupLayout {
  const both = ShaderStage.vertex | ShaderStage.fragment;
  return device.createBindGroupLayout({
    entries: [
      { binding: 0, visibility: both, buffer: { type: 'uniform', hasDynamicOffset: true } },
      { binding: 1, visibility: ShaderStage.fragment, sampler: {} },
      { binding: 2, visibility: ShaderStage.fragment, texture: {} },
      { binding: 3, visibility: ShaderStage.fragment, texture: {} },
    ],
  });
}

function beginPass(commands: GPUCommandEncoder, target: GPUTexture, loadOp: GPULoadOp): GPURenderPassEncoder {
  return commands.beginRenderPass({
    colorAttachments: [
      { view: target.createView(), loadOp, storeOp: 'store', clearValue: { r: 0, g: 0, b: 0, a: 1 } },
    ],
  });
}

async function makeDevice(): Promise<GPUDevice> {
  // Absent in insecure contexts and in older browsers, whatever the types say.
  const gpu = (navigator as { gpu?: GPU }).gpu;
  const adapter = await gpu?.requestAdapter({ powerPreference: 'high-performance' });
  if (adapter === null || adapter === undefined) throw new Error('WebGPU has no adapter here.');
  return adapter.requestDevice();
}

/** WebGPU straight to a canvas: the fast way on a real GPU. */
export const WEBGPU_CANVAS: CompositorChoice = {
  backend: 'webgpu',
  label: 'webgpu-canvas',
  create: async (onLost) => {
    const device = await makeDevice();
    return new WebGpuCompositor(device, canvasTarget(device), 'copy', onLost);
  },
};

/** WebGPU through memory both ways: works on software adapters, where canvases do not. */
export const WEBGPU_READBACK: CompositorChoice = {
  backend: 'webgpu',
  label: 'webgpu-readback',
  create: async (onLost) => {
    const device = await makeDevice();
    return new WebGpuCompositor(device, readbackTarget(device), 'write', onLost);
  },
};
