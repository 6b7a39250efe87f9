import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import type { RunningProvider } from '../../../contract/engine';

/** A machine as far as providers depend on it. */
export type ProviderMachine = {
  /** Providers worth a trial, best guess first; the processor is not among them. */
  candidates: readonly RunningProvider[];
  /** Changes with the driver and the system: what was found out before is found out anew. */
  driver: string;
};

const ORDER: Partial<Record<NodeJS.Platform, readonly RunningProvider[]>> = {
  win32: ['dml', 'webgpu'],
  darwin: ['coreml', 'webgpu'],
  linux: ['cuda', 'webgpu'],
};

/**
 * Which providers this machine could have. On Linux only those with a device to run on: an
 * adapter in software is never the fastest.
 */
export function lookAtMachine(platform: NodeJS.Platform = process.platform, root = '/'): ProviderMachine {
  const order = ORDER[platform] ?? [];
  if (platform !== 'linux') return { candidates: order, driver: `${platform} ${release()}` };
  const nvidia = ['dev/nvidiactl', 'dev/dxg'].some((device) => existsSync(root + device));
  const graphics = nvidia || devices(`${root}dev/dri`).length > 0;
  const candidates = order.filter((provider) => (provider === 'cuda' ? nvidia : graphics));
  const version = readVersion(`${root}proc/driver/nvidia/version`);
  const driver = [`linux ${release()}`, version, ...devices(`${root}dev/dri`)].filter(Boolean).join(', ');
  return { candidates, driver };
}

function devices(folder: string): string[] {
  try {
    return readdirSync(folder)
      .filter((name) => name.startsWith('renderD'))
      .sort();
  } catch {
    return [];
  }
}

/** `NVRM version: NVIDIA UNIX x86_64 Kernel Module  550.54.14  …` */
function readVersion(file: string): string {
  try {
    return /\b\d+\.\d+(\.\d+)?\b/.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
  } catch {
    return '';
  }
}
