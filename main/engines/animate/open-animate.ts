import { ENGINE_PICTURE_SIZE, type EngineInit } from '../../../contract/engine';
import type { Engine } from '../runtime/engine';
import { PROVIDER } from '../runtime/session';
import { openStageSocket } from '../runtime/stage-socket';
import { StageTimes } from '../runtime/timing';
import { AnimateEngine } from './animate-engine';
import { AnimatePipeline } from './pipeline';
import { vocabularyWords } from './prompt';

const TIMING_PERIOD_MS = 1000;

/**
 * Loads the animate engine: model, loop and the stage's door.
 * @throws StudioError as the model store, the sessions and the socket do.
 */
export async function openAnimateEngine(init: EngineInit): Promise<Engine> {
  const times = new StageTimes();
  const pipeline = await AnimatePipeline.open(init.modelsDir, init.model, init.threads, times);
  const engine = new AnimateEngine(pipeline, times);
  try {
    const socket = await openStageSocket({
      token: init.token,
      origin: init.origin,
      onPicture: (frame, peer) => engine.picture(frame, peer),
      onClose: (peer) => engine.leave(peer),
    });
    const timing = setInterval(() => {
      const { stagesMs, dropped } = engine.report();
      socket.sendText({ type: 'timing', stagesMs, dropped });
    }, TIMING_PERIOD_MS);
    return {
      ready: {
        port: socket.port,
        provider: PROVIDER,
        model: init.model,
        words: vocabularyWords(pipeline.vocabulary),
        width: ENGINE_PICTURE_SIZE,
        height: ENGINE_PICTURE_SIZE,
      },
      control: (control) => engine.control(control),
      forget: (streamId) => engine.forget(streamId),
      report: () => engine.report(),
      stop: async () => {
        clearInterval(timing);
        await engine.stop();
        await socket.close();
        await pipeline.release();
      },
    };
  } catch (error) {
    await engine.stop();
    await pipeline.release();
    throw error;
  }
}
