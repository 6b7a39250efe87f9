import { constants, setPriority } from 'node:os';
import * as v from 'valibot';
import { FromEngineSchema, type EngineInit } from '../../../contract/engine';
import type { ErrorCode } from '../../../contract/errors';
import type { ChildHandle, SpawnChild } from './child';
import { endChild } from './child-end';

/** How long a trial may take: two loads of the model and a few runs on each side. */
export const TRIAL_TIMEOUT_MS = 60_000;

/** What a trial showed: times when the provider agrees with the processor, else words why not. */
export type Verdict =
  | { agrees: true; providerMs: number; cpuMs: number }
  /** What the words hold for: this machine whatever the model, this model, or only this attempt. */
  | { agrees: false; holds: 'machine' | 'model' | 'once'; reason: string };

/** A trial that ends for another reason, as a damaged file, says nothing of the provider. */
const HOLDS: Partial<Record<ErrorCode, 'machine' | 'model'>> = {
  'provider.absent': 'machine',
  'provider.refused': 'model',
};

export type TrialOptions = { spawn: SpawnChild; entryFile: string; timeoutMs?: number };

/**
 * Tries a provider in a process of its own, for a bad driver takes down the process that uses
 * it: the model is loaded on it and held against the processor. Never rejects: what lies,
 * crashes, hangs or cannot even start is a verdict. The process is gone when it settles.
 */
export function tryProvider(
  init: EngineInit & { provider: string },
  { spawn, entryFile, timeoutMs = TRIAL_TIMEOUT_MS }: TrialOptions,
): Promise<Verdict> {
  const { engine, provider } = init;
  return new Promise((settle) => {
    let verdict: Verdict | null = null;
    let child: ChildHandle;
    try {
      child = spawn(entryFile, `${engine} trial`);
    } catch (cause) {
      settle(refused(`The trial of "${provider}" could not be started: ${String(cause)}`, 'once'));
      return;
    }
    let end: ReturnType<typeof endChild> | null = null;
    const timer = setTimeout(() => {
      verdict ??= refused(`It must finish its trial within ${timeoutMs / 1000} s and did not.`);
      child.kill('SIGKILL');
    }, timeoutMs);
    child.onMessage((raw) => {
      const parsed = v.safeParse(FromEngineSchema, raw);
      if (!parsed.success || verdict) return;
      const message = parsed.output;
      if (message.type === 'tried') verdict = { agrees: true, ...pick(message) };
      else if (message.type !== 'failed' || !message.fatal) return;
      else {
        const { code, message: words, cause } = message.error;
        verdict = refused(cause ? `${words} (${cause})` : words, HOLDS[code] ?? 'once');
      }
      end = endChild(child);
    });
    child.onExit((code, signal) => {
      clearTimeout(timer);
      end?.gone();
      const how = signal === null ? `with code ${code}` : `by ${signal}`;
      settle(verdict ?? refused(`It ended its process ${how} during its trial.`));
    });
    child.send({ ...init, trial: true } satisfies EngineInit);
    setImmediate(() => giveWay(child.pid));
  });
}

function refused(reason: string, holds: 'machine' | 'model' | 'once' = 'model'): Verdict {
  return { agrees: false, holds, reason };
}

function pick({ providerMs, cpuMs }: { providerMs: number; cpuMs: number }) {
  return { providerMs, cpuMs };
}

/** A trial waits for everything else; both sides of it are measured alike. */
function giveWay(pid: number | undefined): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It ended meanwhile, or the system does not allow it.
  }
}
