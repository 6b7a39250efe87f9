import { BrowserWindow, screen, type WebPreferences } from 'electron';
import { LEAST_SIZE, placeWindow, readPlace, writePlace } from './window-place';

const GROUND = '#14110f';

/** What a window is made from. */
export type WindowOptions = {
  /** The studio's page with its token. */
  url: string;
  preloadFile: string;
  /** File that remembers where the window stood. */
  placeFile: string;
  /** Asked when the user closes the window; the window stays, quitting decides. */
  onClose: () => void;
  /** The page's process ended without being asked to. */
  onGone: (reason: string) => void;
};

/** Preferences of the studio's page: sandboxed, without Node, and never slowed down. */
export function webPreferences(preloadFile: string): WebPreferences {
  return {
    preload: preloadFile,
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webviewTag: false,
    webSecurity: true,
    // the programme is composed in this page: a hidden window is as live as a visible one
    backgroundThrottling: false,
    spellcheck: false,
  };
}

/** Opens the studio's window where it stood last; `close` ends it without asking. */
export function openWindow(options: WindowOptions): { window: BrowserWindow; close: () => void } {
  const saved = readPlace(options.placeFile);
  const displays = screen.getAllDisplays().map((display) => display.workArea);
  const window = new BrowserWindow({
    ...placeWindow(saved, displays),
    minWidth: LEAST_SIZE.width,
    minHeight: LEAST_SIZE.height,
    backgroundColor: GROUND,
    show: false,
    autoHideMenuBar: true,
    webPreferences: webPreferences(options.preloadFile),
  });
  if (saved?.maximized) window.maximize();
  window.once('ready-to-show', () => window.show());
  window.on('close', (event) => {
    event.preventDefault();
    savePlace(window, options.placeFile);
    options.onClose();
  });
  window.webContents.on('render-process-gone', (_event, details) => options.onGone(details.reason));
  // a failed load is told by render-process-gone or by the server's end; both are handled there
  window.loadURL(options.url).catch((error: unknown) => console.warn('The studio page did not load:', error));
  return {
    window,
    close: () => {
      if (window.isDestroyed()) return;
      savePlace(window, options.placeFile);
      window.destroy();
    },
  };
}

function savePlace(window: BrowserWindow, placeFile: string): void {
  try {
    writePlace(placeFile, { ...window.getNormalBounds(), maximized: window.isMaximized() });
  } catch (error) {
    // a full disk must not keep the window open
    console.warn('The window place was not saved:', error);
  }
}
