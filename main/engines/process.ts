import { StudioError } from '../../contract/errors';
import { openAnimateEngine } from './animate/open-animate';
import { openCaptionsEngine } from './captions/open-captions';
import { openBinauralEngine } from './binaural/open-binaural';
import { openGenerateEngine } from './generate/open-generate';
import { openParentDoor } from './runtime/parent-door';
import { serveEngine } from './runtime/serve-engine';

/** How long the last words may take to leave. */
const LAST_WORDS_MS = 500;

const door = openParentDoor();
let crashing = false;

/**
 * Entry of every engine process, in both shells. What nobody caught ends it: main is told
 * why and starts it again, which is safer than to go on in an unknown state.
 */
function crash(cause: unknown): void {
  if (crashing) return;
  crashing = true;
  console.error(cause);
  const message = 'The engine met an error it cannot go on after; it is started again.';
  const error = new StudioError('engine', 'engine.crashed', message, { cause }).toShape();
  setTimeout(() => process.exit(1), LAST_WORDS_MS);
  void door.send({ type: 'failed', fatal: true, error }).then(() => process.exit(1));
}

process.on('uncaughtException', crash);
process.on('unhandledRejection', crash);

serveEngine(
  door,
  {
    animate: openAnimateEngine,
    binaural: openBinauralEngine,
    captions: openCaptionsEngine,
    generate: openGenerateEngine,
  },
  (code) => process.exit(code),
);
