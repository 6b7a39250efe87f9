import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { isRoot } from '../setup/process.mjs';
import { SetupError } from '../setup/say.mjs';

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;
const LOOK_MS = 100;
const FLAGS = [
  '--headless=new',
  '--remote-debugging-port=0',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--force-color-profile=srgb',
  '--mute-audio',
  '--autoplay-policy=no-user-gesture-required',
];

/**
 * One page of a headless Chromium, steered over the DevTools protocol. Playwright would have
 * every socket message mirrored to itself, and the studio's figures would be those of that load.
 */
export class DevtoolsPage {
  #child;
  #ended;
  #socket;
  #waiting = new Map();
  #lastId = 0;

  constructor(child) {
    this.#child = child;
    this.#ended = new Promise((done) => child.once('exit', done));
  }

  /** Starts Chromium with an empty page of this size in CSS pixels. */
  static async open(executable, profileDir, size) {
    const flags = [...FLAGS, `--user-data-dir=${profileDir}`, ...(isRoot() ? ['--no-sandbox'] : [])];
    const page = new DevtoolsPage(
      spawn(executable, [...flags, 'about:blank'], { stdio: ['ignore', 'ignore', 'pipe'] }),
    );
    try {
      await page.#connect();
      await page.#call('Page.enable');
      await page.#call('Emulation.setDeviceMetricsOverride', {
        ...size,
        deviceScaleFactor: 1,
        mobile: false,
      });
    } catch (error) {
      await page.close();
      throw error;
    }
    return page;
  }

  /** Goes to an address; `script` runs in the page before its own scripts. */
  async goto(url, script) {
    await this.#call('Page.addScriptToEvaluateOnNewDocument', { source: script });
    await this.#call('Page.navigate', { url });
  }

  /** Waits until an expression is true in the page. */
  async until(what, expression, limitMs) {
    const endMs = Date.now() + limitMs;
    while (!(await this.#evaluate(`Boolean(${expression})`))) {
      if (Date.now() > endMs) throw new SetupError(`Waited ${limitMs / 1000} s in vain for ${what}.`);
      await new Promise((done) => setTimeout(done, LOOK_MS));
    }
  }

  /** Clicks the first element of a selector whose name or text fits, once it is there. */
  async click(selector, pattern, limitMs = START_LIMIT_MS) {
    const element = `[...document.querySelectorAll(${JSON.stringify(selector)})].find((one) =>
      ${pattern}.test(one.ariaLabel ?? one.textContent.trim()))`;
    await this.until(`${selector} ${pattern}`, element, limitMs);
    // What a list has scrolled away cannot be pressed.
    await this.#evaluate(`${element}.scrollIntoView({ block: 'nearest' })`);
    const { x, y, width, height } = await this.#evaluate(`${element}.getBoundingClientRect().toJSON()`);
    const place = { x: x + width / 2, y: y + height / 2, button: 'left', clickCount: 1 };
    await this.#call('Input.dispatchMouseEvent', { ...place, type: 'mouseMoved' });
    await this.#call('Input.dispatchMouseEvent', { ...place, type: 'mousePressed' });
    await this.#call('Input.dispatchMouseEvent', { ...place, type: 'mouseReleased' });
  }

  /** Types into what has the focus. */
  async type(text) {
    await this.#call('Input.insertText', { text });
  }

  /** Puts the pointer where it points at nothing. */
  async rest(x, y) {
    await this.#call('Input.dispatchMouseEvent', { type: 'mouseMoved', x, y });
  }

  /** What the page looks like now, as a PNG. */
  async screenshot() {
    const { data } = await this.#call('Page.captureScreenshot', { format: 'png' });
    return Buffer.from(data, 'base64');
  }

  /** Ends Chromium. */
  async close() {
    this.#socket?.close();
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill('SIGTERM');
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.#ended;
    clearTimeout(timer);
  }

  async #connect() {
    const origin = await this.#origin();
    const targets = await (await fetch(`${origin}/json/list`)).json();
    const { WebSocket } = await import('ws');
    this.#socket = new WebSocket(targets.find((target) => target.type === 'page').webSocketDebuggerUrl);
    await new Promise((done, fail) => {
      this.#socket.once('open', done);
      this.#socket.once('error', fail);
    });
    this.#socket.on('message', (data) => this.#take(JSON.parse(String(data))));
    this.#socket.on('close', () => {
      for (const { fail } of this.#waiting.values()) fail(new SetupError('Chromium ended unexpectedly.'));
      this.#waiting.clear();
    });
  }

  /** Chromium tells on stderr where it listens. */
  async #origin() {
    const told = new Promise((found) => {
      createInterface({ input: this.#child.stderr }).on('line', (line) => {
        const match = /DevTools listening on ws:\/\/([^/]+)\//.exec(line);
        if (match) found(`http://${match[1]}`);
      });
    });
    let timer;
    const late = new Promise((done) => (timer = setTimeout(done, START_LIMIT_MS)));
    const failed = new Promise((done) => this.#child.once('error', done));
    const origin = await Promise.race([told, late, failed, this.#ended]);
    clearTimeout(timer);
    if (typeof origin !== 'string') throw new SetupError('Chromium could not be started for the pictures.');
    return origin;
  }

  async #evaluate(expression) {
    const { result, exceptionDetails } = await this.#call('Runtime.evaluate', {
      expression,
      returnByValue: true,
    });
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description}`);
    return result.value;
  }

  #call(method, params = {}) {
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((done, fail) => {
      this.#waiting.set(id, { done, fail });
      this.#socket.send(JSON.stringify({ id, method, params }));
    });
  }

  #take({ id, result, error }) {
    const call = this.#waiting.get(id);
    if (!call) return;
    this.#waiting.delete(id);
    if (error) call.fail(new Error(error.message));
    else call.done(result);
  }
}
