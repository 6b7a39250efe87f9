import { openRemote } from '../remote/open-remote';
import { openOnnxSession, type OpenSession } from './backend';
import { requireProvider } from './probe-graph';
import type { MakeRuntime } from './runtime';
import { Trial } from './trial';

/** Makes runtimes whose graphs are loaded by `open`. */
export function runtimeWith(openOn: OpenSession): MakeRuntime {
  return async ({ provider = 'cpu', device, standIn = null, trial = false, remote, model }) => {
    const open: OpenSession = (graph, on, threads) => openOn(graph, on, threads, device);
    if (trial) await requireProvider(open, provider);
    return {
      provider,
      open,
      standIn,
      trial: trial ? new Trial() : null,
      remote: remote && !trial ? openRemote(remote, model) : null,
    };
  };
}

/** Runtimes of ONNX Runtime. */
export const makeRuntime: MakeRuntime = runtimeWith(openOnnxSession);
