import { measureFilter } from './animate/filter';
import { measureFlicker } from './animate/flicker';
import { measureLive } from './animate/live';
import { measureStream } from './animate/stream';
import { publish } from './lib/figures';
import { secondsOf } from './lib/options';

/**
 * The animate engine: live in the studio, and part by part (animate/). `--seconds N` bounds the live
 * measurement and that of the filter.
 */
export async function bench(args: readonly string[] = []): Promise<void> {
  const seconds = secondsOf(args, 20);
  const { figures, provider } = await measureLive(seconds);
  figures.push(...(await measureStream()), ...(await measureFlicker()), ...(await measureFilter(seconds)));
  publish('animate', provider, figures);
}
