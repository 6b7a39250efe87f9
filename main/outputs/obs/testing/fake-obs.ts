import { createHash } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';

type Data = Record<string, unknown>;

/** What the fake does with a request. */
export type Answer = { status?: number; data?: Data } | 'nonsense' | 'silence';

/** Requests that every scene is prepared with. */
const KNOWN = [
  ...['GetSceneList', 'CreateScene', 'GetInputList', 'CreateInput', 'GetInputSettings', 'SetInputSettings'],
  ...[
    'GetSceneItemList',
    'CreateSceneItem',
    'GetSceneItemTransform',
    'SetSceneItemTransform',
    'GetVideoSettings',
  ],
  ...['GetSourceScreenshot', 'TriggerMediaInputAction'],
];
const BITMAP =
  'data:image/bmp;base64,' + Buffer.concat([Buffer.from('BM'), Buffer.alloc(60)]).toString('base64');

/** A server that speaks obs-websocket 5 with a small OBS behind it, and misbehaves on request. */
export class FakeObs {
  readonly #server: WebSocketServer;
  readonly #password: string;
  readonly scenes = new Set(['Main']);
  readonly inputs = new Map<string, { kind: string; settings: Data }>();
  readonly items: { scene: string; source: string; transform: Data }[] = [];
  /** Requests in the order they came. */
  readonly asked: string[] = [];
  /** Answers otherwise than a sound OBS would; null lets it. */
  override: (request: string, data: Data) => Answer | null = () => null;
  known = [...KNOWN];
  /** How it greets; null says nothing. */
  greeting: 'hello' | 'noise' | null = 'hello';

  private constructor(server: WebSocketServer, password: string) {
    this.#server = server;
    this.#password = password;
    server.on('connection', (socket) => this.#greet(socket));
  }

  static async start(password = '', port = 0): Promise<FakeObs> {
    const server = new WebSocketServer({
      host: '127.0.0.1',
      port,
      handleProtocols: (offered) => [...offered][0] ?? false,
    });
    await new Promise((resolve) => server.once('listening', resolve));
    return new FakeObs(server, password);
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#server.clients.size;
  }

  /** Ends every connection without a word. */
  drop(): void {
    for (const client of this.#server.clients) client.terminate();
  }

  async stop(): Promise<void> {
    this.drop();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #greet(socket: WebSocket): void {
    if (this.greeting === 'noise') socket.send('{"op":[');
    if (this.greeting !== 'hello') return;
    const auth = this.#password === '' ? {} : { authentication: { challenge: 'challenge', salt: 'salt' } };
    send(socket, 0, { obsWebSocketVersion: '5.1.0', rpcVersion: 1, ...auth });
    socket.on('message', (bytes) => {
      const { op, d } = JSON.parse(String(bytes)) as { op: number; d: Data };
      if (op === 1) this.#identify(socket, d);
      else if (op === 6) this.#request(socket, d);
    });
  }

  #identify(socket: WebSocket, { authentication }: Data): void {
    const hash = (text: string): string => createHash('sha256').update(text).digest('base64');
    const wanted = hash(`${hash(`${this.#password}salt`)}challenge`);
    if (this.#password !== '' && authentication !== wanted) socket.close(4009, 'Authentication failed.');
    else send(socket, 2, { negotiatedRpcVersion: 1 });
  }

  #request(socket: WebSocket, { requestId, requestType, requestData }: Data): void {
    const request = String(requestType);
    this.asked.push(request);
    const data = (requestData ?? {}) as Data;
    const answer = this.override(request, data) ?? this.#answer(request, data);
    if (answer === 'silence') return;
    if (answer === 'nonsense') return send(socket, 7, { requestId, requestStatus: 'yes' });
    const { status = 100, data: responseData } = answer;
    const requestStatus = { result: status === 100, code: status };
    send(socket, 7, { requestId, requestType, requestStatus, responseData });
  }

  #answer(request: string, data: Data): Answer {
    const name = String(data['inputName']);
    const item = this.items[Number(data['sceneItemId']) - 1];
    switch (request) {
      case 'GetVersion':
        return { data: { obsVersion: '29.0.2', availableRequests: this.known } };
      case 'GetSceneList':
        return { data: { scenes: [...this.scenes].map((sceneName) => ({ sceneName })) } };
      case 'CreateScene':
        this.scenes.add(String(data['sceneName']));
        return {};
      case 'GetInputList':
        return {
          data: { inputs: [...this.inputs].map(([inputName, { kind }]) => ({ inputName, inputKind: kind })) },
        };
      case 'CreateInput':
        this.inputs.set(name, { kind: String(data['inputKind']), settings: data['inputSettings'] as Data });
        this.#place(String(data['sceneName']), name);
        return {};
      case 'GetInputSettings':
        return { data: { inputSettings: this.inputs.get(name)!.settings } };
      case 'GetInputDefaultSettings':
        return { data: { defaultInputSettings: { buffering_mb: 2, is_local_file: true } } };
      case 'SetInputSettings':
        Object.assign(this.inputs.get(name)!.settings, data['inputSettings']);
        return {};
      case 'GetSceneItemList':
        return { data: { sceneItems: this.#itemsOf(String(data['sceneName'])) } };
      case 'CreateSceneItem':
        return { data: { sceneItemId: this.#place(String(data['sceneName']), String(data['sourceName'])) } };
      case 'GetSceneItemTransform':
        return { data: { sceneItemTransform: item!.transform } };
      case 'SetSceneItemTransform':
        Object.assign(item!.transform, data['sceneItemTransform']);
        return {};
      case 'GetVideoSettings':
        return { data: { baseWidth: 1280, baseHeight: 720 } };
      case 'GetSourceScreenshot':
        return { data: { imageData: BITMAP } };
      case 'TriggerMediaInputAction':
        return {};
      default:
        return { status: 204 };
    }
  }

  #place(scene: string, source: string): number {
    return this.items.push({ scene, source, transform: { boundsType: 'OBS_BOUNDS_NONE' } });
  }

  #itemsOf(scene: string): Data[] {
    return this.items.flatMap((item, index) =>
      item.scene === scene ? [{ sourceName: item.source, sceneItemId: index + 1 }] : [],
    );
  }
}

function send(socket: WebSocket, op: number, d: Data): void {
  socket.send(JSON.stringify({ op, d }));
}
