import { SetupError } from './say.mjs';

const LEAST = [20, 19];

/** @throws SetupError when this Node is older than the tools that build the studio need. */
export function checkNodeVersion(version = process.versions.node) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])) return;
  throw new SetupError(
    `Node must be ${LEAST.join('.')} or newer, got ${version}: install a current Node from nodejs.org and try again.`,
  );
}
