/** A failure that is told to people as one sentence, without a stack. */
export class SetupError extends Error {
  name = 'SetupError';
}

/** Prints one line about what set-up does or found. */
export function say(line) {
  process.stdout.write(`· ${line}\n`);
}

/** Runs `main`; a `SetupError` becomes one sentence on stderr and exit code 1. */
export async function runMain(main) {
  try {
    process.exitCode = await main();
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    process.stderr.write(`✖ ${error.message}\n`);
    process.exitCode = 1;
  }
}
