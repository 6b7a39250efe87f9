import { WebSocket } from 'ws';

const CONNECT_LIMIT_MS = 20_000;

type Target = { type: string; url: string; webSocketDebuggerUrl: string };

/**
 * Hands on the studio's own window: keys and text that reach the page as a person's do, with the
 * browser's own event times. Speaks to Chromium's debugging port directly and turns on none of its
 * domains, because a test driver that watches the network would slow the sockets that are measured.
 */
export class PageInput {
  readonly #socket: WebSocket;
  #lastId = 0;
  readonly #waiting = new Map<number, (result: unknown) => void>();

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.on('message', (data) => {
      const { id, result } = JSON.parse(String(data)) as { id?: number; result?: unknown };
      if (id !== undefined) this.#waiting.get(id)?.(result);
    });
  }

  /** Finds the page of `origin` behind the debugging port; throws when there is none. */
  static async connect(port: number, origin: string): Promise<PageInput> {
    const deadline = Date.now() + CONNECT_LIMIT_MS;
    for (;;) {
      const targets = await fetch(`http://127.0.0.1:${port}/json/list`)
        .then((answer) => answer.json() as Promise<Target[]>)
        .catch(() => []);
      const page = targets.find((target) => target.type === 'page' && target.url.startsWith(origin));
      if (page) {
        const socket = new WebSocket(page.webSocketDebuggerUrl, { perMessageDeflate: false });
        await new Promise((done, fail) => socket.once('open', done).once('error', fail));
        return new PageInput(socket);
      }
      if (Date.now() > deadline) throw new Error(`No page of ${origin} at Chromium's port ${port}.`);
      await new Promise((done) => setTimeout(done, 200));
    }
  }

  /** Puts the focus on the first element that matches and selects its text; throws when none does. */
  async focus(selector: string): Promise<void> {
    const expression = `(() => { const at = document.querySelector(${JSON.stringify(selector)});
      at?.focus(); at?.select?.(); return at !== null && document.activeElement === at; })()`;
    const { result } = (await this.#call('Runtime.evaluate', { expression })) as {
      result: { value: unknown };
    };
    if (result.value !== true) throw new Error(`Nothing on the page can be focused as "${selector}".`);
  }

  /** Types text at once, as a paste or an input method does. */
  async insert(text: string): Promise<void> {
    await this.#call('Input.insertText', { text });
  }

  /** Presses and releases a named key, for example `ArrowRight`. */
  async press(key: string, windowsVirtualKeyCode: number): Promise<void> {
    await this.#call('Input.dispatchKeyEvent', { type: 'rawKeyDown', key, code: key, windowsVirtualKeyCode });
    await this.#call('Input.dispatchKeyEvent', { type: 'keyUp', key, code: key, windowsVirtualKeyCode });
  }

  close(): void {
    this.#socket.close();
  }

  #call(method: string, params: object): Promise<unknown> {
    const id = ++this.#lastId;
    return new Promise((done) => {
      this.#waiting.set(id, (result) => {
        this.#waiting.delete(id);
        done(result);
      });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }
}
