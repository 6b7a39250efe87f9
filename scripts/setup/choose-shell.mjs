import { SetupError } from './say.mjs';

/**
 * Decides what shows the studio.
 * @returns `{kind: 'electron' | 'browser', switches, studioArgs, note}`; `switches` are Electron's
 *   own, `note` is a sentence for the user, or null.
 * @throws SetupError when the shell that was asked for is not here.
 */
export function chooseShell({ options, electron, chromium, hasDisplay, isLinuxRoot }) {
  const { studioArgs } = options;
  if (options.serve) return { kind: 'browser', studioArgs: [...studioArgs, '--serve'], note: null };
  if (options.shell === 'electron' && !electron) {
    throw new SetupError(
      'Electron\'s binary is not installed: run "node node_modules/electron/install.js", or leave out --shell electron.',
    );
  }
  const wantsElectron = options.shell !== 'browser' && !options.headless && electron;
  if (wantsElectron && hasDisplay) {
    return isLinuxRoot
      ? {
          kind: 'electron',
          switches: ['--no-sandbox'],
          studioArgs,
          note: 'Running as root: Chromium refuses its sandbox there, so it is off. Prefer an ordinary user.',
        }
      : { kind: 'electron', switches: [], studioArgs, note: null };
  }
  if (!chromium) return serveOnly(options);
  if (options.headless || hasDisplay) {
    const extra = options.headless ? ['--headless'] : [];
    return { kind: 'browser', studioArgs: [...studioArgs, ...extra], note: null };
  }
  return {
    kind: 'browser',
    studioArgs: [...studioArgs, '--headless'],
    note: 'There is no display here, so the studio runs without a window.',
  };
}

function serveOnly(options) {
  if (options.headless || options.shell === 'browser' || options.studioArgs.includes('--show')) {
    throw new SetupError(
      'No Chromium, Chrome, Edge or Brave was found: install one, or name it in FANTASCOPE_CHROMIUM.',
    );
  }
  return {
    kind: 'browser',
    studioArgs: [...options.studioArgs, '--serve'],
    note: 'Neither Electron nor a Chromium browser was found: open the address below in one.',
  };
}
