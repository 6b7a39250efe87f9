import { createServer, type Server } from 'node:http';
import { WebSocketServer, type WebSocket } from 'ws';
import { decodeFrame, encodeFrame, type Frame } from '../../contract/frame';
import { SUBPROTOCOL, TOKEN_PREFIX } from '../../contract/rpc';

/** What the fake engine makes of a picture. */
export type FakeAnswer = (frame: Frame) => {
  payload: Uint8Array;
  appliedVersion?: number;
  epoch?: number;
} | null;

/** An engine process's door with a transform of the test's choosing behind it. */
export class FakeEngine {
  readonly #server: Server;
  readonly #sockets: WebSocketServer;
  readonly received: Frame[] = [];
  /** Greatest number of pictures that were unanswered at once. */
  mostInFlight = 0;
  delayMs = 20;
  answer: FakeAnswer;
  #inFlight = 0;
  #appliedVersion = 0;
  url = '';

  private constructor(token: string, answer: FakeAnswer) {
    this.answer = answer;
    this.#server = createServer();
    this.#sockets = new WebSocketServer({
      server: this.#server,
      handleProtocols: (offered) =>
        offered.has(SUBPROTOCOL) && offered.has(TOKEN_PREFIX + token) ? SUBPROTOCOL : false,
    });
    this.#sockets.on('connection', (socket) => {
      this.#inFlight = 0;
      socket.on('message', (data: Buffer) => this.#picture(socket, decodeFrame(new Uint8Array(data))));
    });
  }

  static async start(token: string, answer: FakeAnswer): Promise<FakeEngine> {
    const engine = new FakeEngine(token, answer);
    await new Promise<void>((resolve) => engine.#server.listen(0, '127.0.0.1', resolve));
    const address = engine.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The engine must have a port.');
    engine.url = `ws://127.0.0.1:${address.port}`;
    return engine;
  }

  /** Settings of this version were taken; answers carry it from now on. */
  apply(version: number): void {
    this.#appliedVersion = version;
  }

  sendText(message: unknown): void {
    for (const client of this.#sockets.clients) client.send(JSON.stringify(message));
  }

  /** Ends as a killed process does. */
  async stop(): Promise<void> {
    this.#sockets.clients.forEach((client) => client.terminate());
    this.#sockets.close();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #picture(socket: WebSocket, frame: Frame): void {
    this.received.push(frame);
    this.#inFlight += 1;
    this.mostInFlight = Math.max(this.mostInFlight, this.#inFlight);
    setTimeout(() => {
      this.#inFlight -= 1;
      const answer = this.answer(frame);
      if (answer === null || socket.readyState !== socket.OPEN) return;
      const header = { ...frame.header, appliedVersion: answer.appliedVersion ?? this.#appliedVersion };
      header.epoch = answer.epoch ?? header.epoch;
      socket.send(encodeFrame(header, answer.payload));
    }, this.delayMs);
  }
}
