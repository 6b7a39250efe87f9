import { publish, type Figure } from './lib/figures';
import { sessionFigures } from './runtime/sessions';

/** What all engines stand on; each section is a file of `bench/runtime/`. */
const SECTIONS: readonly (() => Promise<Figure[]>)[] = [sessionFigures];

/** Measures every section in turn. */
export async function bench(): Promise<void> {
  const figures: Figure[] = [];
  for (const section of SECTIONS) figures.push(...(await section()));
  publish('runtime', 'cpu', figures);
}
