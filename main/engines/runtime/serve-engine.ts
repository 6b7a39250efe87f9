import * as v from 'valibot';
import { ToEngineSchema, type EngineInit } from '../../../contract/engine';
import { StudioError, toStudioError } from '../../../contract/errors';
import type { Engine, OpenEngine } from './engine';
import type { ParentDoor } from './parent-door';
import { makeRuntime } from './session/make-runtime';
import { sessionRuntime, standing, useSessionRuntime, type MakeRuntime } from './session/runtime';
import { TurnTaker } from './turns/turn-taker';

const REPORT_PERIOD_MS = 1000;

/**
 * Runs one engine for main until it is asked to stop, main goes away, or it fails:
 * `init` → `ready` → controls, with a health report every second. On trial it only loads the
 * model and says `tried`.
 * @param exit ends the process; called once, when nothing native is under way.
 * @param sideEntry what a thread beside the engine's loop is started from.
 */
export function serveEngine(
  door: ParentDoor,
  engines: Readonly<Record<EngineInit['engine'], OpenEngine>>,
  exit: (code: number) => void,
  runtimeFor: MakeRuntime = makeRuntime,
  sideEntry: URL | null = null,
): void {
  let opening: Promise<Engine | null> | null = null;
  let engine: Engine | null = null;
  let reports: NodeJS.Timeout | undefined;
  let ending = false;
  const turns = new TurnTaker((message) => void door.send(message));
  let troubledMs = Number.NEGATIVE_INFINITY;

  door.onMessage((raw) => {
    const parsed = v.safeParse(ToEngineSchema, raw);
    if (!parsed.success) {
      const message = `A message to an engine must fit its contract: ${parsed.issues[0].message}`;
      const error = new StudioError('engine', 'message.invalid', message).toShape();
      void door.send({ type: 'failed', fatal: false, error });
      return;
    }
    const message = parsed.output;
    if (message.type === 'init') opening ??= open(message);
    else if (message.type === 'stop') void end(0);
    else if (message.type === 'forget') engine?.forget(message.streamId);
    else if (message.type === 'turn') turns.given(message.id);
    else if (message.type === 'quality') engine?.pin(message.tier);
    else if (message.type === 'expect') engine?.expect(message.prompts);
    else if (engine) {
      const unknownWords = [...engine.control(message)];
      const { streamId, version } = message;
      void door.send({ type: 'applied', streamId, version, unknownWords });
    }
  });
  door.onGone(() => void end(0));

  async function open(init: EngineInit): Promise<Engine | null> {
    try {
      useSessionRuntime({ ...(await runtimeFor(init)), turns: init.turns ? turns : null, sideEntry });
      const opened = await engines[init.engine](init, {
        caption: (update) => void door.send({ type: 'caption', update }),
        trouble: tellTrouble,
      });
      if (ending) return opened;
      engine = opened;
      const { trial } = sessionRuntime();
      if (trial) {
        await door.send({ type: 'tried', ...trial.times });
        void end(0);
        return opened;
      }
      void door.send({ type: 'ready', ...opened.ready });
      reports = setInterval(() => {
        const rssBytes = process.memoryUsage.rss();
        void door.send({ type: 'health', ...opened.report(), rssBytes, ...standing() });
      }, REPORT_PERIOD_MS);
      return opened;
    } catch (cause) {
      const error = toStudioError(cause, 'engine', 'engine.start-failed').toShape();
      await door.send({ type: 'failed', fatal: true, error });
      void end(1);
      return null;
    }
  }

  /** A piece of sound fails many times a second where it fails: once a report is enough. */
  function tellTrouble(error: StudioError): void {
    const nowMs = performance.now();
    if (nowMs - troubledMs < REPORT_PERIOD_MS) return;
    troubledMs = nowMs;
    void door.send({ type: 'failed', fatal: false, error: error.toShape() });
  }

  /** Waits for a load under way: its sessions must be released before the process ends. */
  async function end(code: number): Promise<void> {
    if (ending) return;
    ending = true;
    clearInterval(reports);
    // A failed open calls `end` itself and is not waited for.
    const opened = code === 0 ? await opening : engine;
    await opened?.stop();
    sessionRuntime().remote?.close();
    exit(code);
  }
}
