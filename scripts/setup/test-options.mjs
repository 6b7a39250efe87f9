import { SetupError } from './say.mjs';

/** What `npm test -- --help` prints. */
export const TEST_HELP = `npm test [-- options] [part of a test file's path …]

  --unit          only the unit tests
  --e2e           only the end-to-end tests
  --no-check      without types, lint, layers, format and dead code
  -t, --name TEXT only tests whose name contains TEXT
`;

/**
 * Reads the words after `npm test --`.
 * @throws SetupError on an unknown option or a missing name.
 */
export function parseTestOptions(words) {
  const options = { unit: true, e2e: true, check: true, help: false, name: null, files: [] };
  let only = null;
  for (let at = 0; at < words.length; at++) {
    const word = words[at];
    if (word === '--unit' || word === '--e2e') {
      if (only !== null && only !== word)
        throw new SetupError('--unit and --e2e exclude each other: give one.');
      only = word;
    } else if (word === '--no-check') options.check = false;
    else if (word === '--help') options.help = true;
    else if (word === '-t' || word === '--name') {
      const name = words[++at];
      if (name === undefined) throw new SetupError(`${word} must be followed by part of a test's name.`);
      options.name = name;
    } else if (word.startsWith('-')) {
      throw new SetupError(`"${word}" is not an option of npm test: see npm test -- --help.`);
    } else options.files.push(word);
  }
  if (only === '--unit') options.e2e = false;
  if (only === '--e2e') options.unit = false;
  return options;
}
