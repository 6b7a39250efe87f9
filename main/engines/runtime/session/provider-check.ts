import { StudioError } from '../../../../contract/errors';
import { resolveDims, type GraphSpec, type Sizes } from '../model-contract';
import { philoxBlock } from '../philox';
import type { Tensors } from './backend';
import { elementsOf, makeTensor, numbersOf } from './tensors';

const CHECK_SEED = { low: 0x5e551045, high: 0 };
const TO_UNIT = 2 ** -32;
/** Root of the mean squared difference, as a share of the CPU's own root mean square; half floats pass. */
const MEAN_TOLERANCE = 0.02;
/** Largest single difference, as a share of the CPU's largest value. */
const WORST_TOLERANCE = 0.1;

/**
 * An input that tells a right provider from a wrong one: every float between 0 and 1, the same
 * on every machine, and ones for whole numbers, which all that counts or indexes can take, unless
 * the contract knows one value only.
 */
export function checkFeeds(spec: GraphSpec, sizes: Sizes): Tensors {
  const feeds = spec.inputs.map(({ name, type, dims, value }, stream) => {
    const shape = resolveDims(dims, sizes);
    if (value !== undefined) return [name, makeTensor(type, shape, () => resolveDims([value], sizes)[0]!)];
    const isFloat = type === 'float32' || type === 'float16';
    const noise = isFloat ? unitNoise(elementsOf(shape), stream) : null;
    return [name, makeTensor(type, shape, (i) => noise?.[i] ?? 1)];
  });
  return Object.fromEntries(feeds) as Tensors;
}

/**
 * Holds a provider's results against the CPU's.
 * @throws StudioError `provider.refused`, with what differs in words.
 */
export function compareResults(subject: string, given: Tensors, expected: Tensors): void {
  for (const [name, tensor] of Object.entries(expected)) {
    const other = given[name];
    if (other?.dims.join() !== tensor.dims.join()) {
      const found = other ? `[${other.dims.join(', ')}]` : 'nothing';
      throw refused(`${subject} must give ${name} as [${tensor.dims.join(', ')}] and gives ${found}`);
    }
    const wrong = difference(numbersOf(other), numbersOf(tensor));
    if (wrong !== null) throw refused(`${subject} must agree with the processor in ${name} and ${wrong}`);
  }
}

function refused(what: string): StudioError {
  return new StudioError('engine', 'provider.refused', `${what}; it is not used for this model.`);
}

/** Words on how far two results lie apart; null when near enough. */
function difference(given: ArrayLike<number>, expected: ArrayLike<number>): string | null {
  let [squares, expectedSquares, worst, largest, broken, comparable] = [0, 0, 0, 0, 0, 0];
  for (let i = 0; i < expected.length; i++) {
    const right = Number(expected[i]);
    // Where the processor's own result is no number there is nothing to agree with.
    if (!Number.isFinite(right)) continue;
    comparable++;
    const value = Number(given[i]);
    if (!Number.isFinite(value)) {
      broken++;
      continue;
    }
    const apart = Math.abs(value - right);
    squares += apart * apart;
    expectedSquares += right * right;
    worst = Math.max(worst, apart);
    largest = Math.max(largest, Math.abs(right));
  }
  if (broken > 0) return `gives ${broken} of ${expected.length} values that are not numbers`;
  if (comparable === 0) return 'cannot be compared, for its own values are not numbers';
  const mean = Math.sqrt(squares / Math.max(expectedSquares, Number.MIN_VALUE));
  if (mean <= MEAN_TOLERANCE && worst <= WORST_TOLERANCE * largest) return null;
  if (squares === 0) return null;
  return `is ${(100 * mean).toPrecision(2)} % away on average (allowed ${100 * MEAN_TOLERANCE} %)`;
}

/** Floats from 0 to 1 that are the same on every machine, other ones for each stream. */
export function unitNoise(length: number, stream: number): Float32Array {
  const values = new Float32Array(length);
  for (let i = 0; i < length; i += 4) {
    const words = philoxBlock([i / 4, 0, stream, 1], CHECK_SEED);
    for (let j = 0; j < 4 && i + j < length; j++) values[i + j] = words[j]! * TO_UNIT;
  }
  return values;
}
