import type { AddressInfo } from 'node:net';
import { createBirpc } from 'birpc';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { WebSocket as NodeWebSocket, WebSocketServer, type WebSocket as ServerSocket } from 'ws';
import type { LiveState } from '../../contract/live';
import type { ModelShelf } from '../../contract/models';
import type { InterfaceFunctions, StudioFunctions } from '../../contract/rpc';
import { createControlLink, type ControlLink, type LinkState } from './control-link';

let server: WebSocketServer;
let sockets: ServerSocket[];
let protocols: string[][];
let version: number;
let refuse: boolean;
let link: ControlLink;
let links: LinkState[];
let states: number[];
let shelves: number[];
let imports: (() => void)[];
let rpcs: { models: (shelf: ModelShelf) => unknown }[];

beforeEach(async () => {
  vi.stubGlobal('WebSocket', NodeWebSocket);
  [sockets, protocols, links, states] = [[], [], [], []];
  [shelves, rpcs, imports] = [[], [], []];
  [version, refuse] = [1, false];
  server = new WebSocketServer({
    host: '127.0.0.1',
    port: 0,
    handleProtocols: (offered) => {
      protocols.push([...offered]);
      return [...offered][0] ?? false;
    },
  });
  await new Promise((done) => server.once('listening', done));
  server.on('connection', (socket) => {
    sockets.push(socket);
    const studio: Partial<StudioFunctions> = {
      subscribe: async () =>
        refuse
          ? { ok: false, error: { origin: 'server', code: 'auth.refused', message: 'No.' } }
          : { ok: true, value: { version } as LiveState },
      command: () => new Promise(() => {}),
      importModels: () =>
        new Promise((answer) => imports.push(() => answer({ ok: true, value: ['taken-in'] }))),
    };
    const rpc = createBirpc<InterfaceFunctions, Partial<StudioFunctions>>(studio, {
      post: (text: string) => socket.send(text),
      on: (listen) => void socket.on('message', (data) => listen(String(data))),
      serialize: JSON.stringify,
      deserialize: (text: string) => JSON.parse(text),
    });
    rpcs.push({ models: (shelf) => rpc.models(shelf) });
  });
  const { port } = server.address() as AddressInfo;
  link = createControlLink({ host: `127.0.0.1:${port}`, token: 'secret' });
});

afterEach(async () => {
  link.close();
  for (const socket of sockets) socket.terminate();
  await new Promise((done) => server.close(done));
  vi.unstubAllGlobals();
});

function open() {
  link.open({
    onState: (state) => states.push(state.version),
    onLink: (state) => links.push(state),
    onModels: (shelf) => shelves.push(shelf.usedBytes),
  });
}

test('the link offers protocol and token, asks for the snapshot, and is online', async () => {
  open();
  await vi.waitUntil(() => links.at(-1) === 'online');
  expect(protocols).toEqual([['fantascope.1', 'token.secret']]);
  expect(states).toEqual([1]);
  expect(links).toEqual(['connecting', 'online']);
});

test('the models that main tells of reach the listener', async () => {
  open();
  await vi.waitUntil(() => links.at(-1) === 'online');
  void rpcs[0]?.models({ models: [], folder: '', usedBytes: 7, freeBytes: 0, referenceMs: null });
  await vi.waitUntil(() => shelves.length === 1);
  expect(shelves).toEqual([7]);
});

test('a lost socket is opened again and the snapshot asked for anew', async () => {
  open();
  await vi.waitUntil(() => links.at(-1) === 'online');
  version = 9;
  sockets[0]?.terminate();
  await vi.waitUntil(() => states.length === 2, { timeout: 5000 });
  expect(states).toEqual([1, 9]);
  await vi.waitUntil(() => links.at(-1) === 'online');
  expect(links).toEqual(['connecting', 'online', 'reconnecting', 'online']);
});

test('a call that is under way when the socket is lost fails at once', async () => {
  open();
  await vi.waitUntil(() => links.at(-1) === 'online');
  const call = link.studio.command({ command: { type: 'recording.start' }, inputUs: 0 });
  sockets[0]?.terminate();
  await expect(call).rejects.toThrow();
});

test.each(['command', 'importModels'] as const)(
  '%s: a call that is under way when the link is closed fails, and no other is answered for it',
  async (name) => {
    open();
    await vi.waitUntil(() => links.at(-1) === 'online');
    const call =
      name === 'command'
        ? link.studio.command({ command: { type: 'recording.start' }, inputUs: 0 })
        : link.studio.importModels('/models', null);
    link.close();
    await expect(call).rejects.toThrow();
  },
);

test('main is waited for without a limit where a person or a disk may take long', async () => {
  const { port } = server.address() as AddressInfo;
  link = createControlLink({ host: `127.0.0.1:${port}`, token: 'secret', answerMs: 100 });
  open();
  await vi.waitUntil(() => links.at(-1) === 'online');
  const told: string[] = [];
  void link.studio.importModels('/models', null).then(
    (result) => told.push(result.ok ? result.value.join() : 'refused'),
    () => told.push('import given up'),
  );
  link.studio.command({ command: { type: 'recording.start' }, inputUs: 0 }).catch(() => told.push('hung'));
  await vi.waitUntil(() => told.length === 1 && imports.length === 1);
  imports[0]?.();
  await vi.waitUntil(() => told.length === 2);
  expect(told).toEqual(['hung', 'taken-in']);
});

test('a studio that refuses is not asked again and again', async () => {
  refuse = true;
  open();
  await vi.waitUntil(() => links.at(-1) === 'refused');
  expect(states).toEqual([]);
  expect(sockets).toHaveLength(1);
});

test('a closed link stays closed', async () => {
  open();
  await vi.waitUntil(() => links.at(-1) === 'online');
  link.close();
  await vi.waitUntil(() => sockets[0]?.readyState === NodeWebSocket.CLOSED);
  await new Promise((done) => setTimeout(done, 400));
  expect(sockets).toHaveLength(1);
});
