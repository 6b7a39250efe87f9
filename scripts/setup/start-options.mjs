import { resolve } from 'node:path';
import { SetupError } from './say.mjs';

/** What `npm start -- --help` prints. */
export const START_HELP = `Fantascope, a live studio.

  npm start                       open the studio
  npm start -- --demo             play the demo show and record it
  npm start -- --show FILE        play a show script, record it, and end
  npm start -- --project FILE     open a project

Options
  --headless            no window (a browser without one; for shows on servers)
  --out DIR             folder for the recordings of a show
  --user-data DIR       folder for projects, settings and logs
  --serve               no window: print the address and wait
  --shell electron|browser   which shell shows the studio (default: Electron where installed)
  --cuda                fetch ONNX Runtime's CUDA files first (Linux, NVIDIA)
  --help                this text
`;

const TAKES_VALUE = new Set(['--show', '--out', '--project', '--user-data', '--shell']);
const FLAGS = new Set(['--demo', '--headless', '--serve', '--cuda', '--help']);
/** Options whose value is a path, relative to where the user stands. */
const PATHS = new Set(['--show', '--out', '--project', '--user-data']);

/**
 * Reads the words after `npm start --`.
 * @returns what set-up itself needs, and `studioArgs`, the words the studio gets.
 * @param words the words themselves
 * @param base folder that relative paths are meant from
 * @throws SetupError on an unknown option, a missing value or a contradiction.
 */
export function parseStartOptions(words, base) {
  const options = { headless: false, serve: false, cuda: false, help: false, shell: null, studioArgs: [] };
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (TAKES_VALUE.has(word)) {
      const value = words[++at];
      if (value === undefined || value.startsWith('--')) {
        throw new SetupError(`${word} must be followed by a value: see npm start -- --help.`);
      }
      if (word === '--shell') options.shell = readShell(value);
      if (PATHS.has(word)) options.studioArgs.push(word, resolve(base, value));
    } else if (FLAGS.has(word)) {
      if (word === '--demo') options.studioArgs.push(word);
      else options[word.slice(2)] = true;
    } else {
      throw new SetupError(`"${word}" is not an option of npm start: see npm start -- --help.`);
    }
  }
  if (options.studioArgs.includes('--demo') && options.studioArgs.includes('--show')) {
    throw new SetupError('--demo and --show exclude each other: give one.');
  }
  if (options.shell === 'electron' && (options.headless || options.serve)) {
    const word = options.headless ? '--headless' : '--serve';
    throw new SetupError(`${word} needs a browser: leave out --shell electron.`);
  }
  return options;
}

function readShell(value) {
  if (value === 'electron' || value === 'browser') return value;
  throw new SetupError(`--shell must be electron or browser, got "${value}".`);
}
