import { StudioError, toStudioError } from '../../contract/errors';
import type { DestinationLive, LiveState } from '../../contract/live';
import type { FfmpegInfo } from '../outputs/ffmpeg';
import { LiveOutput } from '../outputs/live-output';
import type { ProgrammeBus } from '../outputs/programme-bus';
import { registerSecret } from '../outputs/redact';
import type { SecretStore } from '../studio/shell';
import type { Studio } from '../studio/studio';

export type LiveDeskOptions = {
  studio: Studio;
  bus: ProgrammeBus;
  ffmpeg: FfmpegInfo | null;
  secrets: SecretStore;
  nowUs: () => number;
  onChange: () => void;
  onLog: (line: string) => void;
};

/**
 * The project's destinations: one `LiveOutput` each, made when it is first needed, and
 * the keys that belong to them in the shell's secret store.
 */
export class LiveDesk {
  private readonly options: LiveDeskOptions;
  private readonly outputs = new Map<string, LiveOutput>();
  private readonly withKey = new Set<string>();
  /** Destinations that wait for their key; the symbol tells one try from the next. */
  private readonly pending = new Map<string, symbol>();
  /** Keys that were used stay struck out of every text for as long as the studio runs. */
  private readonly struckOut = new Set<string>();

  constructor(options: LiveDeskOptions) {
    this.options = options;
  }

  /** Looks up which destinations of the project have a key. */
  async findKeys(): Promise<void> {
    const { studio, secrets, onChange } = this.options;
    for (const { id } of studio.state.project.destinations) {
      try {
        if (await secrets.get(secretName(id))) this.withKey.add(id);
      } catch {
        const message = 'The system gave no stream keys: unlock its keyring, or type the keys again.';
        studio.notify('secrets', new StudioError('shell', 'secret.unavailable', message).toShape());
        break;
      }
    }
    onChange();
  }

  /** Keeps or, when empty, forgets the key of a destination. */
  async setKey(destinationId: string, key: string): Promise<void> {
    const { studio, secrets, onChange } = this.options;
    if (!studio.state.project.destinations.some((d) => d.id === destinationId)) {
      throw new StudioError(
        'studio',
        'argument.invalid',
        `Destination "${destinationId}" is not in this project.`,
      );
    }
    try {
      if (key)
        await secrets.set(secretName(destinationId), packKey(hostOf(studio.state, destinationId), key));
      else await secrets.delete(secretName(destinationId));
    } catch {
      // The cause is left out: a store's error may quote what it was given.
      throw new StudioError(
        'shell',
        'secret.unavailable',
        'The system did not keep the stream key; unlock its keyring and try again.',
      );
    }
    if (key) this.withKey.add(destinationId);
    else this.withKey.delete(destinationId);
    onChange();
  }

  /** Goes live in the background; trouble becomes a notice. */
  start(destinationId: string): void {
    if (this.pending.has(destinationId)) return;
    const attempt = Symbol(destinationId);
    this.pending.set(destinationId, attempt);
    this.options.onChange();
    void this.begin(destinationId, attempt)
      .catch((error: unknown) => {
        this.options.studio.notify(`live-${destinationId}`, toStudioError(error, 'output').toShape());
      })
      .finally(() => {
        if (this.pending.get(destinationId) === attempt) this.pending.delete(destinationId);
        this.options.onChange();
      });
  }

  /** Takes one destination off the air; one that waits for its key does not go on. */
  async stop(destinationId: string): Promise<void> {
    if (this.pending.delete(destinationId)) this.options.onChange();
    await this.outputs.get(destinationId)?.stop();
  }

  async stopAll(): Promise<void> {
    this.pending.clear();
    await Promise.all([...this.outputs.values()].map((output) => output.stop()));
  }

  /** The present state of every destination of the project. */
  live(): Record<string, DestinationLive> {
    const { destinations } = this.options.studio.state.project;
    return Object.fromEntries(
      destinations.map(({ id }) => {
        const live = this.outputs.get(id)?.live(this.withKey.has(id)) ?? idle(this.withKey.has(id));
        return [id, this.pending.has(id) ? { ...live, state: 'connecting' as const } : live];
      }),
    );
  }

  /** The stored key; a key typed for another server is not sent to this one. */
  private async keyFor(destinationId: string): Promise<string> {
    const stored = await this.options.secrets.get(secretName(destinationId));
    if (!stored) return '';
    const { host, key } = unpackKey(stored);
    if (host === hostOf(this.options.studio.state, destinationId)) return key;
    this.withKey.delete(destinationId);
    throw new StudioError(
      'output',
      'destination.key-missing',
      `The stored key was typed for "${host}", and the address now names another server. Type its key.`,
    );
  }

  private async begin(destinationId: string, attempt: symbol): Promise<void> {
    const { studio, bus, ffmpeg, nowUs, onChange, onLog } = this.options;
    const key = await this.keyFor(destinationId);
    // The keyring may have asked its user first: much can have happened meanwhile.
    const destination = studio.state.project.destinations.find((d) => d.id === destinationId);
    if (!destination || this.pending.get(destinationId) !== attempt) return;
    if (key && !this.struckOut.has(key)) {
      this.struckOut.add(key);
      registerSecret(key);
    }
    const output =
      this.outputs.get(destinationId) ??
      new LiveOutput({ bus, ffmpeg: () => ffmpeg, nowUs, onChange, onLog });
    this.outputs.set(destinationId, output);
    studio.dismiss(`live-${destinationId}`);
    output.start(destination, key);
  }
}

/** A stored key says for which server it was typed. */
function packKey(host: string, key: string): string {
  return JSON.stringify({ host, key });
}

function unpackKey(stored: string): { host: string; key: string } {
  const { host, key } = JSON.parse(stored) as Record<string, unknown>;
  return { host: String(host), key: String(key) };
}

function hostOf(state: LiveState, destinationId: string): string {
  const url = state.project.destinations.find((d) => d.id === destinationId)?.url ?? '';
  return URL.canParse(url) ? new URL(url).host : '';
}

function idle(hasKey: boolean): DestinationLive {
  return {
    state: 'idle',
    attempt: 0,
    retryUs: null,
    bitrateKbps: 0,
    sentFrames: 0,
    droppedFrames: 0,
    sinceUs: null,
    hasKey,
    error: null,
  };
}

function secretName(destinationId: string): string {
  return `destination-${destinationId}`;
}
