import type { AnimatePipeline, Look, Size, SourcePicture } from './pipeline';

/** One picture through all of its levels, with nothing else under way. */
export async function renderOne(
  pipeline: AnimatePipeline,
  source: SourcePicture,
  size: Size,
  look: Look,
): Promise<Uint8ClampedArray> {
  const out = new Uint8ClampedArray(size.width * size.height * 4);
  await pipeline.enter(null, source, size, look);
  while (pipeline.underWay > 0) {
    const [made] = await pipeline.step(() => out);
    if (made?.broken) throw made.broken;
  }
  return out;
}
