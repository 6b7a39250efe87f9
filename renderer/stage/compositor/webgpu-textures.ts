import { memoryCanvas, type Picture } from '../picture';
import { TextureUsage } from './webgpu-flags';

/** How pictures get into textures: copied by the browser, or through memory where that does not work. */
export type UploadWay = 'copy' | 'write';

type Slot = { texture: GPUTexture; version: number };

/** One texture for each layer's place in the list, filled anew only when its picture changed. */
export class GpuTextures {
  readonly #device: GPUDevice;
  readonly #way: UploadWay;
  readonly #slots: Slot[] = [];

  constructor(device: GPUDevice, way: UploadWay) {
    this.#device = device;
    this.#way = way;
  }

  /** The texture that holds this picture, premultiplied. */
  upload(picture: Picture, index: number): GPUTexture {
    const slot = this.#slot(picture, index);
    if (slot.version === picture.version) return slot.texture;
    const size = [slot.texture.width, slot.texture.height];
    if (this.#way === 'copy') {
      this.#device.queue.copyExternalImageToTexture(
        { source: picture.image },
        { texture: slot.texture, premultipliedAlpha: true },
        size,
      );
    } else {
      const bytesPerRow = slot.texture.width * 4;
      this.#device.queue.writeTexture({ texture: slot.texture }, readPixels(picture), { bytesPerRow }, size);
    }
    slot.version = picture.version;
    return slot.texture;
  }

  /** Frees the textures of places that are not in use any more. */
  trim(used: number): void {
    for (const spare of this.#slots.splice(used)) spare.texture.destroy();
  }

  #slot(picture: Picture, index: number): Slot {
    const width = Math.max(1, Math.round(picture.width));
    const height = Math.max(1, Math.round(picture.height));
    const present = this.#slots[index];
    if (present?.texture.width === width && present.texture.height === height) return present;
    present?.texture.destroy();
    const texture = this.#device.createTexture({
      size: [width, height],
      format: 'rgba8unorm',
      usage: TextureUsage.binding | TextureUsage.copyDst | TextureUsage.attachment,
    });
    const slot = { texture, version: -1 };
    this.#slots[index] = slot;
    return slot;
  }
}

/** Premultiplied RGBA; a 2D canvas gives them straight. */
function readPixels(picture: Picture): Uint8ClampedArray<ArrayBuffer> {
  const { canvas, context } = memoryCanvas(picture.width, picture.height);
  context.drawImage(picture.image, 0, 0, canvas.width, canvas.height);
  const { data } = context.getImageData(0, 0, canvas.width, canvas.height);
  if (!picture.hasAlpha) return data;
  for (let at = 0; at < data.length; at += 4) {
    const alpha = data[at + 3]! / 255;
    if (alpha === 1) continue;
    data[at] = data[at]! * alpha;
    data[at + 1] = data[at + 1]! * alpha;
    data[at + 2] = data[at + 2]! * alpha;
  }
  return data;
}
