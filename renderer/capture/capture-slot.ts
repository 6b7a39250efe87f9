import type { StudioError } from '../../contract/errors';
import {
  captureError,
  listDevices,
  lostError,
  matchDevice,
  missingError,
  type DeviceEntry,
  type DeviceKind,
  type SavedDevice,
} from './devices';

const FIRST_RETRY_MS = 500;
const LAST_RETRY_MS = 5000;

export type CaptureSlotOptions = {
  kind: DeviceKind;
  device: SavedDevice;
  constraints: MediaTrackConstraints;
  /** A track is open; the slot owns it, clones belong to whoever made them. */
  onTrack: (track: MediaStreamTrack) => void;
  /** There is no track, and why; called again only when the reason changes. */
  onLost: (error: StudioError) => void;
};

/**
 * Keeps one device open. A device that is missing, busy or lost is tried again when the
 * set of devices changes and at growing intervals; one that was refused only when its
 * permission changes or on `retry`, because each try may ask the user.
 */
export class CaptureSlot {
  readonly #options: CaptureSlotOptions;
  readonly #abort = new AbortController();
  #track: MediaStreamTrack | null = null;
  #opening = false;
  #again = false;
  #reason: StudioError['code'] | null = null;
  #retryMs = FIRST_RETRY_MS;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: CaptureSlotOptions) {
    this.#options = options;
    const { signal } = this.#abort;
    navigator.mediaDevices.addEventListener('devicechange', () => this.#onDeviceChange(), { signal });
    void this.#watchPermission();
    void this.#open();
  }

  /** Tries now, also after a refusal. */
  retry(): void {
    if (!this.#track) void this.#open();
  }

  dispose(): void {
    this.#abort.abort();
    clearTimeout(this.#timer);
    this.#track?.stop();
    this.#track = null;
  }

  #onDeviceChange(): void {
    if (this.#reason !== 'device.denied') this.retry();
  }

  async #open(): Promise<void> {
    this.#again = this.#opening;
    if (this.#opening) return;
    this.#opening = true;
    clearTimeout(this.#timer);
    try {
      this.#adopt(await openTrack(this.#options));
    } catch (error) {
      this.#lose(captureError(this.#options.kind, this.#options.device, error));
    } finally {
      this.#opening = false;
    }
    if (this.#again && !this.#track && !this.#abort.signal.aborted) void this.#open();
  }

  #adopt(track: MediaStreamTrack | null): void {
    if (!track) return this.#lose(missingError(this.#options.kind, this.#options.device));
    if (this.#abort.signal.aborted) return track.stop();
    this.#track = track;
    this.#reason = null;
    this.#retryMs = FIRST_RETRY_MS;
    track.addEventListener('ended', () => this.#onEnded(track), { signal: this.#abort.signal });
    this.#options.onTrack(track);
  }

  #onEnded(track: MediaStreamTrack): void {
    if (track !== this.#track) return;
    track.stop();
    this.#track = null;
    this.#lose(lostError(this.#options.kind, this.#options.device));
  }

  #lose(error: StudioError): void {
    if (this.#abort.signal.aborted) return;
    if (error.code !== 'device.denied') {
      this.#timer = setTimeout(() => void this.#open(), this.#retryMs);
      this.#retryMs = Math.min(LAST_RETRY_MS, this.#retryMs * 2);
    }
    if (error.code === this.#reason) return;
    this.#reason = error.code;
    this.#options.onLost(error);
  }

  async #watchPermission(): Promise<void> {
    const status = await navigator.permissions.query({ name: this.#options.kind }).catch(() => null);
    // A browser that cannot tell leaves it to `retry`.
    if (!status || this.#abort.signal.aborted) return;
    status.addEventListener('change', () => status.state === 'granted' && this.retry(), {
      signal: this.#abort.signal,
    });
  }
}

/** Opens the device that is meant; null when it is not connected. */
async function openTrack(options: CaptureSlotOptions): Promise<MediaStreamTrack | null> {
  const found = await find(options);
  if (found === 'missing') return null;
  if (found !== 'hidden') return request(options, found);
  // Any device's permission reveals the ids; then the right one can be told.
  const any = await request(options, null);
  const revealed = await find(options);
  if (revealed === 'hidden' || any.getSettings().deviceId === idOf(revealed)) return any;
  any.stop();
  return revealed === 'missing' ? null : request(options, revealed);
}

async function find({ kind, device }: CaptureSlotOptions): Promise<DeviceEntry | 'hidden' | 'missing'> {
  const { cameras, microphones } = await listDevices();
  return matchDevice(device, kind === 'camera' ? cameras : microphones);
}

async function request(options: CaptureSlotOptions, entry: DeviceEntry | null): Promise<MediaStreamTrack> {
  const constraints = { ...options.constraints, ...(entry ? { deviceId: { exact: entry.deviceId } } : {}) };
  const stream = await navigator.mediaDevices.getUserMedia(
    options.kind === 'camera' ? { video: constraints } : { audio: constraints },
  );
  return stream.getTracks()[0]!;
}

function idOf(entry: DeviceEntry | 'missing'): string | null {
  return entry === 'missing' ? null : entry.deviceId;
}
