import type { WindowToLink } from './link-messages';
import { TapLink } from './tap-link';
import { VoiceLink } from './voice-link';

/** Every engine connection of the sound: one a placed strip, and one for what is captioned. */
export class SoundLinks {
  readonly #voices = new Map<string, VoiceLink>();
  #tap: TapLink | null = null;
  #token = '';
  #anchorUs: number | null = null;

  /** Sockets that are held. */
  get count(): number {
    return this.#voices.size + (this.#tap ? 1 : 0);
  }

  /** Takes a message of the window; one that makes no sense is ignored. */
  take(message: WindowToLink): void {
    const anchorUs = () => this.#anchorUs;
    switch (message.type) {
      case 'start':
        this.#token = message.token;
        break;
      case 'anchor':
        this.#anchorUs = Number.isFinite(message.anchorUs) ? message.anchorUs : null;
        break;
      case 'voice':
        this.#voices.get(message.stripId)?.dispose();
        this.#voices.set(message.stripId, new VoiceLink(this.#token, message.port, anchorUs));
        break;
      case 'voice-stream':
        this.#voices.get(message.stripId)?.follow(message.stream);
        break;
      case 'voice-end':
        this.#voices.get(message.stripId)?.dispose();
        this.#voices.delete(message.stripId);
        break;
      case 'tap':
        this.#tap?.dispose();
        this.#tap = new TapLink(this.#token, message.port, anchorUs);
        break;
      case 'tap-stream':
        this.#tap?.follow(message.stream);
    }
  }
}
