import type { Tensor } from 'onnxruntime-node';
import { StudioError } from '../../../../contract/errors';
import { symbolOf } from '../contract-dims';
import { contractError, resolveDims, type GraphSpec, type Sizes, type TensorSpec } from '../model-contract';
import { openGraph, type Tensors } from '../session';
import { unitNoise } from '../session/provider-check';
import { elementsOf, makeTensor, numbersOf } from '../session/tensors';
import type { ProvedGraph } from './prove-files';

/** Of all tensors of one run together; a model that needs more on its smallest inputs is not loaded. */
const MAX_ELEMENTS = 64 * 1024 * 1024;
/** How far beyond its range a result may lie, as a share of the range: rounding of half floats. */
const RANGE_SLACK = 2e-3;
const PROBABILITY_SLACK = 1e-2;

/**
 * Loads one graph and runs it once on seeded inputs: its results must have the promised shapes and
 * types, be numbers, and lie where the contract says.
 * @throws StudioError `model.contract`, `model.corrupt`: what was expected, what was found, what to do.
 */
export async function dryRun({ role, path, fit }: ProvedGraph, sizes: Sizes, threads: number): Promise<void> {
  const subject = `Graph "${role}" (${path})`;
  checkSizes(subject, fit.spec, sizes);
  const graph = await openGraph(path, fit.spec, sizes, threads, fit.names);
  try {
    const results = await graph.run(seededFeeds(fit.spec, sizes)).catch((cause: unknown) => {
      const message = `${subject} must run on inputs of its contract and does not; choose another model.`;
      throw new StudioError('engine', 'model.contract', message, { cause });
    });
    for (const spec of fit.spec.outputs) checkResult(subject, spec, results[spec.name], sizes);
  } finally {
    await graph.release();
  }
}

/** Inputs that a contract allows, the same at every call: noise within their ranges, or their one value. */
export function seededFeeds(spec: GraphSpec, sizes: Sizes): Tensors {
  const feeds = spec.inputs.map(({ name, type, dims, range, value }, stream) => {
    const shape = resolveDims(dims, sizes);
    const isFloat = type === 'float32' || type === 'float16';
    const [low, high] = range ?? (isFloat ? [0, 1] : [1, 1]);
    if (value !== undefined) return [name, makeTensor(type, shape, () => resolveDims([value], sizes)[0]!)];
    const noise = unitNoise(elementsOf(shape), stream);
    const at = (i: number) => low + (high - low) * noise[i]!;
    return [name, makeTensor(type, shape, isFloat ? at : (i) => Math.round(at(i)))];
  });
  return Object.fromEntries(feeds) as Tensors;
}

function checkSizes(subject: string, { inputs, outputs }: GraphSpec, sizes: Sizes): void {
  let needed = 0;
  for (const { name, dims } of [...inputs, ...outputs]) {
    const unknown = dims.map(symbolOf).find((symbol) => symbol !== null && sizes[symbol] === undefined);
    if (unknown) {
      throw contractError(subject, `a length that is fixed for ${unknown} of ${name}`, 'a free one');
    }
    needed += elementsOf(resolveDims(dims, sizes));
  }
  if (needed <= MAX_ELEMENTS) return;
  const rule = `tensors of at most ${MAX_ELEMENTS} numbers together`;
  throw contractError(subject, rule, `lengths that make ${needed} of them`);
}

function checkResult(subject: string, spec: TensorSpec, result: Tensor | undefined, sizes: Sizes): void {
  const { name, type, dims, shapes = [], range, value } = spec;
  const expected = [dims, ...shapes].map((shape) => resolveDims(shape, sizes).join(', '));
  const found = result ? `${result.type}[${result.dims.join(', ')}]` : 'nothing';
  if (!result || !expected.some((shape) => found === `${type}[${shape}]`)) {
    throw contractError(subject, `a result ${name} ${type}[${expected.join('] or [')}]`, found);
  }
  const numbers = numbersOf(result);
  const [least, largest, broken] = extremes(numbers);
  if (broken > 0) {
    const message = `${subject} must give numbers as ${name}, found ${broken} of ${numbers.length} that are none; install the model again, or choose one with float32.`;
    throw new StudioError('engine', 'model.corrupt', message);
  }
  const [low, high] =
    value === undefined ? (range ?? [-Infinity, Infinity]) : twice(resolveDims([value], sizes)[0]!);
  const slack = Number.isFinite(high - low) ? RANGE_SLACK * (high - low) : 0;
  if (numbers.length > 0 && (least < low - slack || largest > high + slack)) {
    throw contractError(subject, `${name} within ${low} to ${high}`, `${least} to ${largest}`);
  }
  if (spec.logProbabilities) checkProbabilities(subject, name, numbers, result.dims.at(-1) ?? 1);
}

function twice(value: number): [number, number] {
  return [value, value];
}

function extremes(numbers: ArrayLike<number>): [least: number, largest: number, broken: number] {
  let [least, largest, broken] = [Infinity, -Infinity, 0];
  for (let i = 0; i < numbers.length; i++) {
    const number = numbers[i]!;
    if (!Number.isFinite(number)) broken++;
    if (number < least) least = number;
    if (number > largest) largest = number;
  }
  return [least, largest, broken];
}

function checkProbabilities(subject: string, name: string, numbers: ArrayLike<number>, width: number): void {
  for (let row = 0; row < numbers.length; row += width) {
    let sum = 0;
    for (let i = 0; i < width; i++) sum += Math.exp(numbers[row + i]!);
    if (Math.abs(sum - 1) > PROBABILITY_SLACK) {
      throw contractError(subject, `logarithms of probabilities that sum to 1 as ${name}`, `a sum of ${sum}`);
    }
  }
}
