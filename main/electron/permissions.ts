import type { Session } from 'electron';
import { pickScreen } from './screen-picker';

/** What the studio's own page may ask for; every other page and permission is refused. */
const ALLOWED = new Set([
  'media',
  'display-capture',
  'speaker-selection',
  'midi',
  'fullscreen',
  'clipboard-sanitized-write',
  'loopback-network',
]);

/** Whether the page at `requester` (an URL or origin) may have `permission`. */
export function mayHave(permission: string, requester: string | undefined, ownOrigin: string): boolean {
  return ALLOWED.has(permission) && requester !== undefined && isOrigin(requester, ownOrigin);
}

/** Whether an URL belongs to an origin; text that is no URL belongs to none. */
export function isOrigin(url: string, origin: string): boolean {
  return URL.canParse(url) && new URL(url).origin === origin;
}

/**
 * Denies a session everything but what the studio needs, for its own origin alone.
 * Electron itself would grant every request.
 */
export function guardPermissions(session: Session, ownOrigin: string): void {
  session.setPermissionRequestHandler((_contents, permission, callback, details) => {
    callback(details.isMainFrame && mayHave(permission, details.requestingUrl, ownOrigin));
  });
  session.setPermissionCheckHandler((_contents, permission, requestingOrigin) =>
    mayHave(permission, requestingOrigin, ownOrigin),
  );
  // USB, serial, HID and Bluetooth: the studio uses none
  session.setDevicePermissionHandler(() => false);
  session.setDisplayMediaRequestHandler(
    (request, callback) => {
      if (!isOrigin(request.securityOrigin, ownOrigin)) {
        callback(null);
        return;
      }
      void pickScreen().then(
        (source) => callback(source && { video: source, ...systemSound(request.audioRequested) }),
        () => callback(null),
      );
    },
    // macOS 15 and later bring their own picker, which is the one people trust
    { useSystemPicker: true },
  );
}

/** The sound of the machine, where Chromium can capture it. */
function systemSound(isWanted: boolean): { audio?: 'loopback' } {
  return isWanted && process.platform === 'win32' ? { audio: 'loopback' } : {};
}
