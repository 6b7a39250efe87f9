import { pathToFileURL } from 'node:url';
import { aptInstall, canAptInstall } from './debian.mjs';
import { inRoot } from './root.mjs';
import { say } from './say.mjs';

/** Chromium, Chrome, Edge or Brave on this machine; needs the built studio. */
export async function installedChromium() {
  // the studio owns the list of places; set-up asks the same built code
  const { findChromium } = await import(pathToFileURL(inRoot('out/main/chromium-finder.js')).href);
  return findChromium();
}

/** As `installedChromium`, installing Debian's when there is none and this is root. */
export async function ensureChromium() {
  const present = await installedChromium();
  if (present || !canAptInstall()) return present;
  const problem = await aptInstall(['chromium', 'fonts-dejavu-core'], 'a browser shows the studio');
  if (problem) say(`Chromium could not be installed: ${problem}`);
  return installedChromium();
}
