import { StudioError } from '../../contract/errors';

export type DeviceKind = 'camera' | 'microphone';
/** How a project remembers a device; ids change with the origin, labels with the language. Both empty: any. */
export type SavedDevice = { deviceId: string; label: string };
/** A device that is connected now. */
export type DeviceEntry = { deviceId: string; label: string };
export type DeviceList = { cameras: DeviceEntry[]; microphones: DeviceEntry[] };

const MEDIA_KIND = { camera: 'videoinput', microphone: 'audioinput' } as const;
const ORIGIN = { camera: 'stage', microphone: 'sound' } as const;

/** The connected cameras and microphones; before a permission is given the browser hides ids and labels. */
export async function listDevices(): Promise<DeviceList> {
  const devices = await navigator.mediaDevices.enumerateDevices();
  const entries = (kind: DeviceKind) =>
    devices
      .filter((device) => device.kind === MEDIA_KIND[kind])
      .map(({ deviceId, label }) => ({ deviceId, label }));
  return { cameras: entries('camera'), microphones: entries('microphone') };
}

/**
 * The connected device that a saved one means: by id, else by label, else (when nothing
 * was saved) the first. `hidden` when the browser does not tell before a permission.
 */
export function matchDevice(
  saved: SavedDevice,
  connected: readonly DeviceEntry[],
): DeviceEntry | 'hidden' | 'missing' {
  const known = connected.filter((entry) => entry.deviceId !== '');
  if (known.length === 0) return connected.length > 0 ? 'hidden' : 'missing';
  if (saved.deviceId === '' && saved.label === '') return known[0]!;
  const byId = known.find((entry) => entry.deviceId === saved.deviceId);
  const byLabel = known.find((entry) => entry.label !== '' && entry.label === saved.label);
  if (byId ?? byLabel) return (byId ?? byLabel)!;
  // Without labels (permission for other devices only) a changed id cannot be recognised yet.
  return known.every((entry) => entry.label === '') ? 'hidden' : 'missing';
}

/** The words and the code for what `getUserMedia` refused with. */
export function captureError(kind: DeviceKind, saved: SavedDevice, error: unknown): StudioError {
  const name = error instanceof DOMException ? error.name : '';
  const device = describe(kind, saved);
  if (name === 'NotAllowedError' || name === 'SecurityError') {
    const message = `${device} must be allowed to be used, but access was denied. Allow it and try again.`;
    return new StudioError(ORIGIN[kind], 'device.denied', message, { cause: error });
  }
  if (name === 'NotFoundError' || name === 'OverconstrainedError') return missingError(kind, saved);
  const message = `${device} must give a stream, but could not be opened. Close other programs that use it.`;
  return new StudioError(ORIGIN[kind], 'device.lost', message, { cause: error });
}

/** The device is not connected. */
export function missingError(kind: DeviceKind, saved: SavedDevice): StudioError {
  const message = `${describe(kind, saved)} must be connected, but was not found. Connect it or choose another.`;
  return new StudioError(ORIGIN[kind], 'device.missing', message);
}

/** The device was open and went away. */
export function lostError(kind: DeviceKind, saved: SavedDevice): StudioError {
  const message = `${describe(kind, saved)} must stay connected, but its stream ended. Connect it again.`;
  return new StudioError(ORIGIN[kind], 'device.lost', message);
}

function describe(kind: DeviceKind, saved: SavedDevice): string {
  const noun = kind === 'camera' ? 'Camera' : 'Microphone';
  return saved.label === '' ? noun : `${noun} “${saved.label}”`;
}
