import { ENGINES, type EngineName } from '../../../contract/engine';
import {
  ERROR_TABLE,
  type ErrorAction,
  type Severity,
  type StudioErrorShape,
} from '../../../contract/errors';
import { ENGINE_NAMES, errorWords } from '../model/words';

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
  const { title, detail } = errorWords(error);
  const engine = engineOf(key);
  return { key, severity, action, error, detail, title: engine ? engineTitle(engine, title) : title };
}

/** The engine that a notice's key speaks of. */
export function engineOf(key: string): EngineName | null {
  return ENGINES.find((name) => key === `engine-${name}`) ?? null;
}

/** `Captions: the model file is missing.` */
function engineTitle(engine: EngineName, title: string): string {
  return `${ENGINE_NAMES[engine]}: ${title.charAt(0).toLowerCase()}${title.slice(1)}`;
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
