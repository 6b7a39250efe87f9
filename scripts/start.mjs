#!/usr/bin/env node
// `npm start`: all set-up, then the studio. Imports no package, so that it runs in a bare clone.
import { ensureBuild } from './setup/build.mjs';
import { chooseShell } from './setup/choose-shell.mjs';
import { ensureChromium } from './setup/chromium.mjs';
import { offerCuda } from './setup/cuda.mjs';
import { ensureDependencies } from './setup/dependencies.mjs';
import { ensureElectron } from './setup/electron.mjs';
import { ensureFfmpeg } from './setup/ffmpeg.mjs';
import { launchStudio } from './setup/launch.mjs';
import { checkNodeVersion } from './setup/node-version.mjs';
import { isRoot } from './setup/process.mjs';
import { inRoot, ROOT } from './setup/root.mjs';
import { runMain, say } from './setup/say.mjs';
import { parseStartOptions, START_HELP } from './setup/start-options.mjs';

async function main() {
  checkNodeVersion();
  const options = parseStartOptions(process.argv.slice(2), process.env.INIT_CWD ?? process.cwd());
  if (options.help) {
    process.stdout.write(START_HELP);
    return 0;
  }
  await ensureDependencies();
  const ffmpeg = await ensureFfmpeg();
  await offerCuda(options.cuda);
  await ensureBuild();

  const isLinux = process.platform === 'linux';
  const hasDisplay = !isLinux || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
  const mayUseElectron = options.shell !== 'browser' && !options.headless && !options.serve && hasDisplay;
  const electron = mayUseElectron || options.shell === 'electron' ? await ensureElectron() : null;
  const chromium = (electron && hasDisplay) || options.serve ? null : await ensureChromium();
  const shell = chooseShell({ options, electron, chromium, hasDisplay, isLinuxRoot: isLinux && isRoot() });
  if (shell.note) say(shell.note);

  const env = {
    ...(ffmpeg ? { FANTASCOPE_FFMPEG: ffmpeg } : {}),
    ...(chromium ? { FANTASCOPE_CHROMIUM: chromium } : {}),
  };
  if (shell.kind === 'electron')
    return launchStudio(electron, [...shell.switches, ROOT, ...shell.studioArgs], env);
  return launchStudio(process.execPath, [inRoot('out/main/browser.js'), ...shell.studioArgs], env);
}

await runMain(main);
