import type { ToEngine } from '../../../contract/engine';
import type { ChildHandle } from './child';

/** How long an engine may take to stop by itself, and then to heed SIGTERM. */
export const STOP_GRACE_MS = 3000;
export const TERM_GRACE_MS = 2000;

/**
 * Asks a child to stop, and insists: the `stop` message, SIGTERM after `STOP_GRACE_MS`,
 * SIGKILL after another `TERM_GRACE_MS`. The caller calls `gone` when the child has
 * ended; no timer outlives that.
 */
export function endChild(child: ChildHandle): { gone: () => void } {
  const stop: ToEngine = { type: 'stop' };
  child.send(stop);
  let timer = setTimeout(() => {
    child.kill('SIGTERM');
    timer = setTimeout(() => child.kill('SIGKILL'), TERM_GRACE_MS);
  }, STOP_GRACE_MS);
  return { gone: () => clearTimeout(timer) };
}
