import { Tensor } from 'onnxruntime-node';
import { openAnimateEngine } from '../animate/open-animate';
import { openOnnxSession, type OpenSession } from '../runtime/session/backend';
import { runtimeWith } from '../runtime/session/make-runtime';
import { openParentDoor } from '../runtime/parent-door';
import { serveEngine } from '../runtime/serve-engine';

/** An engine process whose providers are the processor in disguise, each with a fault of its own. */
const disguised: OpenSession = async (model, provider, threads) => {
  if (provider === 'dml') throw new Error('backend not found.');
  const session = await openOnnxSession(model, 'cpu', threads);
  const fault = process.env.TRIAL_FAULT;
  if (provider === 'cpu' || typeof model !== 'string') return session;
  if (fault === 'crash') process.abort();
  if (fault === 'hang') for (;;);
  return {
    ...session,
    run: async (feeds, fetches) => {
      const start = performance.now();
      const results = await session.run(feeds, fetches);
      while (fault === 'slow' && performance.now() - start < 40);
      return Object.fromEntries(
        Object.entries(results).map(([name, tensor]) => [name, spoilt(tensor, fault)]),
      );
    },
  };
};

function spoilt(tensor: Tensor, fault: string | undefined): Tensor {
  const values = Float32Array.from(tensor.data as Float32Array);
  if (fault === 'lie') values.forEach((value, i) => (values[i] = value * 1.5 + 0.1));
  if (fault === 'nan') values[values.length - 1] = NaN;
  if (fault === 'round') values.forEach((value, i) => (values[i] = value * 1.001));
  if (fault === 'shape') return new Tensor('float32', values, [values.length]);
  return new Tensor('float32', values, tensor.dims);
}

const never = () => Promise.reject(new Error('Only the animate engine is tried.'));
serveEngine(
  openParentDoor(),
  { animate: openAnimateEngine, binaural: never, captions: never, generate: never },
  (code) => process.exit(code),
  runtimeWith(disguised),
);
