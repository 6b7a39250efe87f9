import {
  ERROR_TABLE,
  type ErrorAction,
  type Severity,
  type StudioErrorShape,
} from '../../../contract/errors';
import { errorWords } from '../model/words';

/** One thing to tell, with the button that helps. */
export type Notice = {
  key: string;
  severity: Severity;
  title: string;
  detail: string;
  action: ErrorAction;
  error: StudioErrorShape;
};

const LOCAL_LIFE_MS = 12_000;
const MOST_LOCAL = 4;

/** Makes a notice of an error, by the table of error codes. */
export function noticeOf(key: string, error: StudioErrorShape): Notice {
  const [severity, , action] = ERROR_TABLE[error.code];
  return { key, severity, action, error, ...errorWords(error) };
}

/** What this window has to tell by itself: refused commands, failed uploads. Main's notices are in the state. */
export class Notices {
  local: readonly Notice[] = $state.raw([]);
  readonly #timers = new Map<string, ReturnType<typeof setTimeout>>();

  /** Shows an error; one of the same code and origin is replaced. It goes by itself after a while. */
  report(error: StudioErrorShape): void {
    const key = `local:${error.origin}:${error.code}`;
    const kept = this.local.filter((one) => one.key !== key).slice(1 - MOST_LOCAL);
    this.local = [...kept, noticeOf(key, error)];
    clearTimeout(this.#timers.get(key));
    this.#timers.set(
      key,
      setTimeout(() => this.dismiss(key), LOCAL_LIFE_MS),
    );
  }

  dismiss(key: string): void {
    clearTimeout(this.#timers.get(key));
    this.#timers.delete(key);
    this.local = this.local.filter((one) => one.key !== key);
  }

  dispose(): void {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
  }
}
