import * as v from 'valibot';
import { StudioError } from '../../contract/errors';
import type { ObsLive } from '../../contract/live';
import type { FfmpegInfo } from '../outputs/ffmpeg';
import type { FingerprintFeed } from '../outputs/obs/fingerprint';
import type { ObsAddress } from '../outputs/obs/obs-connection';
import { ObsLink } from '../outputs/obs/obs-link';
import type { ProgrammeBus } from '../outputs/programme-bus';
import { registerSecret } from '../outputs/redact';
import type { SecretStore } from '../studio/shell';
import type { Studio } from '../studio/studio';

const SECRET = 'obs-password';
const NOTICE = 'obs';
/** What the secret store keeps. */
const StoredSchema = v.object({ host: v.string(), password: v.string() });

export type ObsDeskOptions = {
  studio: Studio;
  bus: ProgrammeBus;
  ffmpeg: FfmpegInfo | null;
  secrets: SecretStore;
  nowUs: () => number;
  /** The stage's tiny pictures, to know the programme by in OBS. */
  stage: FingerprintFeed;
  onLog: (line: string) => void;
  onChange: () => void;
};

/** "Send to OBS": the link, and its password in the shell's secret store, bound to the host it was typed for. */
export class ObsDesk {
  private readonly options: ObsDeskOptions;
  private readonly link: ObsLink;
  /** The host whose password is kept. */
  private passwordHost: string | null = null;
  /** Tells one start from the next, for the keyring may ask its user first. */
  private pending: symbol | null = null;
  private readonly struckOut = new Set<string>();

  constructor(options: ObsDeskOptions) {
    this.options = options;
    const { bus, ffmpeg, nowUs, stage, onLog, onChange } = options;
    this.link = new ObsLink({ bus, ffmpeg: () => ffmpeg, nowUs, fingerprints: stage, onLog, onChange });
  }

  /** Looks up whether there is a password. */
  async findPassword(): Promise<void> {
    try {
      this.passwordHost = (await this.stored())?.host ?? null;
    } catch {
      const message = 'The system gave no password for OBS: unlock its keyring, or type the password again.';
      this.options.studio.notify(
        'obs-password',
        new StudioError('shell', 'secret.unavailable', message).toShape(),
      );
    }
    this.options.onChange();
  }

  /** Keeps, or when empty forgets, the password of the OBS that the project names. */
  async setPassword(password: string): Promise<void> {
    const { studio, secrets, onChange } = this.options;
    const { host } = studio.state.project.obs;
    try {
      if (password) await secrets.set(SECRET, JSON.stringify({ host, password }));
      else await secrets.delete(SECRET);
    } catch {
      // The cause is left out: a store's error may quote what it was given.
      throw new StudioError(
        'shell',
        'secret.unavailable',
        'The system did not keep the password for OBS; unlock its keyring and try again.',
      );
    }
    this.passwordHost = password === '' ? null : host;
    onChange();
  }

  /** Sends to OBS in the background; what comes of it is in `live()`. */
  start(): void {
    const { ffmpeg } = this.options;
    if (ffmpeg === null) {
      throw new StudioError('output', 'ffmpeg.missing', 'Sending to OBS needs ffmpeg; install it.');
    }
    if (this.pending !== null || this.link.live(false).state !== 'idle') return;
    const attempt = Symbol('obs');
    this.pending = attempt;
    this.options.onChange();
    void this.begin(attempt)
      .catch((error: unknown) => {
        const shape =
          error instanceof StudioError
            ? error.toShape()
            : new StudioError(
                'shell',
                'secret.unavailable',
                'The system gave no password for OBS; unlock its keyring and try again.',
              ).toShape();
        this.options.studio.notify(NOTICE, shape);
      })
      .finally(() => {
        if (this.pending === attempt) this.pending = null;
        this.options.onChange();
      });
  }

  /** Stops sending; what was made in OBS stays there. */
  async stop(): Promise<void> {
    this.pending = null;
    this.options.onChange();
    await this.link.stop();
  }

  /** Where OBS is, and its password, for its virtual camera. */
  async access(): Promise<{ address: ObsAddress; password: string }> {
    return { address: this.options.studio.state.project.obs, password: await this.password() };
  }

  /** The present state. */
  live(): ObsLive {
    const live = this.link.live(this.passwordHost === this.options.studio.state.project.obs.host);
    return this.pending === null ? live : { ...live, state: 'connecting', error: null };
  }

  /** Stops for good. */
  async close(): Promise<void> {
    await this.stop();
  }

  private async begin(attempt: symbol): Promise<void> {
    const password = await this.password();
    if (this.pending !== attempt) return;
    if (password && !this.struckOut.has(password)) {
      this.struckOut.add(password);
      registerSecret(password);
    }
    this.options.studio.dismiss(NOTICE);
    this.link.start(this.options.studio.state.project.obs, password);
  }

  /** The stored password; one typed for another machine is not sent to this one. */
  private async password(): Promise<string> {
    const stored = await this.stored();
    if (!stored) return '';
    const present = this.options.studio.state.project.obs.host;
    if (stored.host === present) return stored.password;
    const message = `The stored password was typed for OBS on "${stored.host}", and OBS is now on "${present}". Type its password.`;
    throw new StudioError('output', 'obs.refused', message);
  }

  private async stored(): Promise<{ host: string; password: string } | null> {
    const text = await this.options.secrets.get(SECRET);
    return text ? v.parse(StoredSchema, JSON.parse(text)) : null;
  }
}
