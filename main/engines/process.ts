import { StudioError } from '../../contract/errors';
import { openAnimateEngine } from './animate/open-animate';
import { openCaptionsEngine } from './captions/open-captions';
import { openBinauralEngine } from './binaural/open-binaural';
import { openGenerateEngine } from './generate/open-generate';
import { openParentDoor } from './runtime/parent-door';
import { serveEngine } from './runtime/serve-engine';
import { openGraph } from './runtime/session';
import { makeRuntime } from './runtime/session/make-runtime';
import { serveSideThread } from './runtime/session/side-graph';

/** How long the last words may take to leave. */
const LAST_WORDS_MS = 500;

const OPENERS = {
  animate: openAnimateEngine,
  binaural: openBinauralEngine,
  captions: openCaptionsEngine,
  generate: openGenerateEngine,
};

/**
 * Entry of every engine process, in both shells. What nobody caught ends it: main is told
 * why and starts it again, which is safer than to go on in an unknown state.
 */
function startEngine(): void {
  const door = openParentDoor();
  let crashing = false;
  const crash = (cause: unknown) => {
    if (crashing) return;
    crashing = true;
    console.error(cause);
    const message = 'The engine met an error it cannot go on after; it is started again.';
    const error = new StudioError('engine', 'engine.crashed', message, { cause }).toShape();
    setTimeout(() => process.exit(1), LAST_WORDS_MS);
    void door.send({ type: 'failed', fatal: true, error }).then(() => process.exit(1));
  };
  process.on('uncaughtException', crash);
  process.on('unhandledRejection', crash);
  serveEngine(door, OPENERS, (code) => process.exit(code), makeRuntime, new URL(import.meta.url));
}

// The same entry is that of the threads beside an engine's loop.
if (!serveSideThread(openGraph)) startEngine();
