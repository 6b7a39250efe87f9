import { gflops, sum, type Cost } from './cost';
import { codecDecoder, codecEncoder } from './diffusion-codec';
import { diffusionUnet, type UnetKind } from './diffusion-unet';
import { modnet } from './modnet';
import { taesdDecoder, taesdEncoder } from './taesd';
import { compactUpscaler, residualDenseUpscaler2x } from './upscalers';

const SMALL = 256 ** 2;
const LARGE = 512 ** 2;
const UPSCALED = 'a picture of 256 × 256 enlarged';

/** What one result of a public model is, and what it costs. */
export type PublicCost = { gflops: number; of: string };

/**
 * The cost of every public model whose architecture is published layer by layer, as
 * `native-models/public-models.json` must have it: 2 × multiply-adds of convolutions, linear layers and
 * attention. Norms, activations and what runs once a prompt (the text encoder) are not counted.
 */
export function publicCosts(): Record<string, PublicCost> {
  const of = (cost: Cost, what: string): PublicCost => ({ gflops: gflops(cost), of: what });
  return {
    'sd15-lcm-dreamshaper-v7-fp16': of(repainting({ text: 768, guidance: 256 }), 'one step at 512 × 512'),
    'sd-turbo-ort-web': of(repainting({ text: 1024, guidance: 0 }), 'one step at 512 × 512'),
    taesd: of(sum(taesdEncoder(LARGE), taesdDecoder(LARGE)), 'a picture of 512 × 512, in and out'),
    modnet: of(modnet(LARGE), 'a matte of 512 × 512'),
    'modnet-fp16': of(modnet(LARGE), 'a matte of 512 × 512'),
    'realesr-general-x4v3': of(compactUpscaler(32, 4, SMALL), `${UPSCALED} by 4`),
    'realesr-animevideov3-x4': of(compactUpscaler(16, 4, SMALL), `${UPSCALED} by 4`),
    'realesrgan-x2plus': of(residualDenseUpscaler2x(SMALL), `${UPSCALED} by 2`),
  };
}

/** A picture repainted: through the encoder, one step of the U-Net, through the decoder. */
function repainting(kind: UnetKind): Cost {
  return sum(codecEncoder(LARGE), diffusionUnet(LARGE / 64, kind), codecDecoder(LARGE));
}
