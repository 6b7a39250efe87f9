import { aptInstall, canAptInstall, missingPackages } from './debian.mjs';
import { say } from './say.mjs';

/**
 * Debian packages that end-to-end tests use as real peers; tests without theirs skip themselves. Each
 * line is installed by itself: what one distribution lacks must not cost the others.
 */
const PEERS = [
  ['nginx-light', 'libnginx-mod-rtmp', 'xvfb', 'chromium', 'fonts-dejavu-core', 'ffmpeg'],
  ['obs-studio', 'obs-plugins', 'libgl1-mesa-dri', 'libglx-mesa0', 'libegl1'],
  [
    'pipewire',
    'wireplumber',
    'dbus',
    'gstreamer1.0-tools',
    'gstreamer1.0-plugins-bad',
    'gstreamer1.0-pipewire',
  ],
];

/** Installs the peers that are missing, where that is allowed. */
export async function ensurePeers() {
  if (!canAptInstall()) return;
  for (const packages of PEERS) {
    const missing = missingPackages(packages);
    if (missing.length === 0) continue;
    const problem = await aptInstall(missing, 'the end-to-end tests use them as peers');
    if (problem) say(`Some peers are missing, their tests will skip themselves: ${problem}`);
  }
}
