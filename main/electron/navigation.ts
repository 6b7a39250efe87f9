import type { WebContents } from 'electron';
import { isOrigin } from './permissions';

/** Keeps a page at the studio's origin: no leaving, no second window, no guest page. */
export function guardNavigation(contents: WebContents, ownOrigin: string): void {
  contents.on('will-frame-navigate', (details) => {
    if (!isOrigin(details.url, ownOrigin)) details.preventDefault();
  });
  contents.on('will-navigate', (details) => {
    if (!isOrigin(details.url, ownOrigin)) details.preventDefault();
  });
  contents.on('will-redirect', (details) => {
    if (!isOrigin(details.url, ownOrigin)) details.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}
