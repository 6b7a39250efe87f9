import { existsSync } from 'node:fs';
import { findOnPath, runBounded } from './process.mjs';
import { inRoot } from './root.mjs';
import { say, SetupError } from './say.mjs';

const DOWNLOAD_LIMIT_MS = 30 * 60_000;
const SCRIPT = 'node_modules/onnxruntime-node/script/install.js';
const PROVIDER = 'node_modules/onnxruntime-node/bin/napi-v6/linux/x64/libonnxruntime_providers_cuda.so';

/** Whether CUDA files would be of use: a 64-bit Linux PC with NVIDIA's driver. */
export function wantsCuda({ platform, arch, hasDriver }) {
  return platform === 'linux' && arch === 'x64' && hasDriver;
}

/**
 * Offers ONNX Runtime's CUDA files, and fetches them when asked to.
 * @throws SetupError when they were asked for and cannot be had.
 */
export async function offerCuda(asked) {
  const hasDriver = existsSync('/proc/driver/nvidia/version') || findOnPath('nvidia-smi') !== null;
  const { platform, arch } = process;
  if (!wantsCuda({ platform, arch, hasDriver })) {
    if (asked) throw new SetupError('--cuda needs 64-bit Linux with an NVIDIA driver: start without it.');
    return;
  }
  if (existsSync(inRoot(PROVIDER))) return;
  if (!asked) {
    say('NVIDIA driver found. For engines on the GPU, fetch the CUDA files once: npm start -- --cuda');
    say(`  (which runs: ONNXRUNTIME_NODE_INSTALL=cuda12 node ${SCRIPT})`);
    return;
  }
  say(`Fetching the CUDA files: ONNXRUNTIME_NODE_INSTALL=cuda12 node ${SCRIPT}`);
  const { problem } = await runBounded(process.execPath, [inRoot(SCRIPT)], {
    timeoutMs: DOWNLOAD_LIMIT_MS,
    progress: 'fetching CUDA files',
    env: { ONNXRUNTIME_NODE_INSTALL: 'cuda12' },
  });
  if (problem) {
    throw new SetupError(
      `The CUDA download ${problem}: check the network connection, or start without --cuda.`,
    );
  }
}
