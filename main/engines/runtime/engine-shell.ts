import type { EngineControl, EngineInit, ToEngineSocketText } from '../../../contract/engine';
import type { Frame } from '../../../contract/frame';
import type { Engine, EngineReport } from './engine';
import { standing } from './session/runtime';
import { openStageSocket, type Peer, type StageSocket } from './stage-socket';

const TIMING_PERIOD_MS = 1000;

/** What is different from engine to engine: the live loop between settings, frames and the model. */
export type EngineLoop = {
  /** Takes settings unless older than those in force; answers with the words it does not hear. */
  control(control: EngineControl): readonly string[];
  forget(streamId: number): void;
  /** A frame from a stage. */
  frame?(frame: Frame, peer: Peer): void;
  /** A text from a stage. */
  text?(text: ToEngineSocketText, peer: Peer): void;
  /** A stage is gone: what it still waits for is not made. */
  leave(peer: Peer): void;
  /** Stays at a quality tier, or chooses again when given null; left out by engines with one way. */
  pin?(tier: number | null): void;
  /** Has prompts ready that may be asked for any moment; left out by engines that hear none. */
  expect?(prompts: readonly string[]): void;
  report(): EngineReport;
  /** Ends the loop after what is under way, then frees the model. */
  stop(): Promise<void>;
};

/**
 * What is the same for every engine: the door for stage and sound, a timing message a second,
 * and an orderly end. The loop is stopped when the door cannot be opened.
 * @param words the model's vocabulary; empty when it takes no prompt.
 * @throws StudioError `engine.start-failed`.
 */
export async function openEngineShell(
  init: EngineInit,
  loop: EngineLoop,
  words: readonly string[] = [],
): Promise<Engine> {
  let socket: StageSocket;
  try {
    socket = await openStageSocket({
      token: init.token,
      origin: init.origin,
      onFrame: (frame, peer) => loop.frame?.(frame, peer),
      onText: (text, peer) => loop.text?.(text, peer),
      onClose: (peer) => loop.leave(peer),
    });
  } catch (error) {
    await loop.stop();
    throw error;
  }
  if (init.quality !== undefined) loop.pin?.(init.quality);
  const timing = setInterval(() => {
    const { stagesMs, dropped } = loop.report();
    socket.sendText({ type: 'timing', stagesMs, dropped });
  }, TIMING_PERIOD_MS);
  return {
    ready: { port: socket.port, provider: standing().provider, model: init.model, words: [...words] },
    control: (control) => loop.control(control),
    forget: (streamId) => loop.forget(streamId),
    pin: (tier) => loop.pin?.(tier),
    expect: (prompts) => loop.expect?.(prompts),
    report: () => loop.report(),
    stop: async () => {
      clearInterval(timing);
      await loop.stop();
      await socket.close();
    },
  };
}
