import { aptInstall, canAptInstall, missingPackages } from './debian.mjs';
import { say } from './say.mjs';

/** Debian packages that end-to-end tests use as real peers; tests without theirs skip themselves. */
const PEERS = ['nginx-light', 'libnginx-mod-rtmp', 'xvfb', 'chromium', 'fonts-dejavu-core', 'ffmpeg'];

/** Installs the peers that are missing, where that is allowed. */
export async function ensurePeers() {
  if (!canAptInstall()) return;
  const missing = missingPackages(PEERS);
  if (missing.length === 0) return;
  const problem = await aptInstall(missing, 'the end-to-end tests use them as peers');
  if (problem) say(`Some peers are missing, their tests will skip themselves: ${problem}`);
}
