import type { StudioErrorShape } from '../../contract/errors';
import type { NativeVerbs } from '../../contract/native';
import type { Media } from '../../contract/project';
import { UPLOAD_PATH, type Result } from '../../contract/rpc';
import { newId } from './model/new-items';

/** A file on its way to the studio. */
export type Upload = { id: string; name: string; sentBytes: number; totalBytes: number; startedMs: number };

/** What the desktop shell gives; absent in a browser. */
export type NativeFiles = Pick<NativeVerbs, 'pathForFile'>;

/** What a file is used as. */
export type MediaKind = 'film' | 'image' | 'sound';

const IMAGE_NAME = /\.(png|jpe?g|webp|gif|avif|bmp|svg)$/i;
const SOUND_NAME = /\.(mp3|wav|flac|ogg|oga|opus|m4a|aac)$/i;

/** Tells films, images and sounds apart by MIME type, else by the name's ending. */
export function mediaKind(file: { type: string; name: string }): MediaKind {
  if (file.type.startsWith('image/') || (file.type === '' && IMAGE_NAME.test(file.name))) return 'image';
  if (file.type.startsWith('audio/') || (file.type === '' && SOUND_NAME.test(file.name))) return 'sound';
  return 'film';
}

/** Takes files of this machine into the project, by path where the shell can, else by upload. */
export class Uploads {
  active: readonly Upload[] = $state.raw([]);
  readonly #requests = new Map<string, XMLHttpRequest>();
  readonly #token: string;
  readonly #native: NativeFiles | undefined;
  readonly #addByPath: (path: string) => Promise<Media | null>;
  readonly #onError: (error: StudioErrorShape) => void;

  constructor(options: {
    token: string;
    native: NativeFiles | undefined;
    addByPath: (path: string) => Promise<Media | null>;
    onError: (error: StudioErrorShape) => void;
  }) {
    this.#token = options.token;
    this.#native = options.native;
    this.#addByPath = options.addByPath;
    this.#onError = options.onError;
  }

  /** Resolves with the registered media, or null when it was cancelled or failed (reported). */
  async add(file: File): Promise<Media | null> {
    const path = this.#native?.pathForFile(file);
    if (path) return this.#addByPath(path);
    const result = await this.#send(file);
    if (result === null) return null;
    if (result.ok) return result.value;
    this.#onError(result.error);
    return null;
  }

  cancel(id: string): void {
    this.#requests.get(id)?.abort();
  }

  dispose(): void {
    for (const request of this.#requests.values()) request.abort();
  }

  #send(file: File): Promise<Result<Media> | null> {
    const id = newId();
    // Only XMLHttpRequest tells how much of a body has been sent.
    const request = new XMLHttpRequest();
    this.#requests.set(id, request);
    const upload: Upload = {
      id,
      name: file.name,
      sentBytes: 0,
      totalBytes: file.size,
      startedMs: performance.now(),
    };
    this.active = [...this.active, upload];
    return new Promise((settle) => {
      const finish = (result: Result<Media> | null) => {
        this.#requests.delete(id);
        this.active = this.active.filter((one) => one.id !== id);
        settle(result);
      };
      request.upload.addEventListener('progress', (event) => {
        this.active = this.active.map((one) => (one.id === id ? { ...one, sentBytes: event.loaded } : one));
      });
      request.addEventListener('load', () => finish(answerOf(request, file.name)));
      request.addEventListener('error', () => finish(failed(file.name, 'the connection broke')));
      request.addEventListener('abort', () => finish(null));
      request.open('POST', UPLOAD_PATH);
      request.setRequestHeader('x-file-name', encodeURIComponent(file.name));
      request.setRequestHeader('authorization', `Bearer ${this.#token}`);
      request.send(file);
    });
  }
}

function answerOf(request: XMLHttpRequest, name: string): Result<Media> {
  try {
    const answer: Result<Media> = JSON.parse(request.responseText);
    if (typeof answer.ok === 'boolean') return answer;
  } catch {
    // Not JSON: reported below with the status.
  }
  return failed(name, `the studio answered with status ${request.status}`);
}

function failed(name: string, why: string): { ok: false; error: StudioErrorShape } {
  const message = `"${name}" could not be taken in: ${why}. Try again, or choose another file.`;
  return { ok: false, error: { origin: 'ui', code: 'media.unsupported', message } };
}
