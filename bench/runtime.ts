import { publish, type Figure } from './lib/figures';
import { secondsOf } from './lib/options';
import { measureGovernor } from './runtime/governor';
import { measureImages } from './runtime/images';
import { sessionFigures } from './runtime/sessions';
import { measureTogether } from './runtime/together';

/** One part of the bench: `seconds` bounds each of its measurements where it repeats them. */
type Section = (seconds: number) => Promise<Figure[]>;

const SECTIONS: readonly Section[] = [sessionFigures, measureImages, measureTogether, measureGovernor];

/** What every engine stands on, part by part (runtime/). `--seconds N` bounds each measurement. */
export async function bench(args: readonly string[] = []): Promise<void> {
  const seconds = secondsOf(args, 1);
  const figures: Figure[] = [];
  for (const measure of SECTIONS) figures.push(...(await measure(seconds)));
  publish('runtime', 'cpu', figures);
}
