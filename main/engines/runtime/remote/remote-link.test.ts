import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Tensor } from 'onnxruntime-node';
import * as v from 'valibot';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { TINY_MODELS_DIR } from '../../testing/fixtures';
import { InferenceServer, type Faults, type ServerOptions } from '../../testing/inference-server';
import { ContractSchema, graphSpec } from '../model-contract';
import { openGraph, type Graph, type Tensors } from '../session';
import { checkFeeds } from '../session/provider-check';
import { GrpcClient } from './grpc-client';
import { openRemote } from './open-remote';
import { RemoteLink, type LinkTimes } from './remote-link';
import { RestClient } from './rest-client';

const contract = v.parse(
  ContractSchema,
  JSON.parse(readFileSync(join(TINY_MODELS_DIR, 'contracts/animate.json'), 'utf8')),
);
const sizes = { B: 1, H: 32, W: 64, h: 4, w: 8 };
const file = (role: string) => join(TINY_MODELS_DIR, `models/animate/${role}.onnx`);
const ROLES = ['unet', 'text_encoder', 'codec_decoder'] as const;
const models = Object.fromEntries(ROLES.map((role) => [`tiny-${role}`, file(role)]));
const unet = graphSpec(contract, 'unet');
const feeds = checkFeeds(unet, sizes);
const TOKEN = 'hunter2-very-secret';
/** Certificates for the test of TLS are made by it. */
const hasOpenssl = spawnSync('openssl', ['version']).status === 0;
const quick: LinkTimes = { callMs: 1000, repeatAfterMs: [5, 10], probeMs: [20, 80] };
const numbersOf = (tensors: Tensors) => Object.values(tensors).map(({ data }) => data);

describe.each(['rest', 'grpc'] as const)('a model server over %s', { timeout: 30_000 }, (protocol) => {
  let server: InferenceServer;
  let local: Graph;
  let localRuns: number;
  let expected: Tensors;
  const links: RemoteLink[] = [];

  beforeAll(async () => {
    const graph = await openGraph(file('unet'), unet, sizes, 1);
    expected = await graph.run(feeds);
    local = { run: (...args) => (localRuns++, graph.run(...args)), release: () => graph.release() };
  });
  afterAll(() => local.release());
  beforeEach(() => {
    localRuns = 0;
  });
  afterEach(async () => {
    for (const link of links.splice(0)) link.close();
    await server.dispose();
  });

  async function serve(change: Partial<ServerOptions> = {}, faults: Faults = {}): Promise<void> {
    server = new InferenceServer({ models, ...change });
    await server.start();
    Object.assign(server.faults, faults);
  }
  function link(change: { token?: string; ca?: string; times?: LinkTimes } = {}): RemoteLink {
    const url = server.url(protocol);
    const address = { url, token: change.token, ca: change.ca };
    const client = protocol === 'rest' ? new RestClient(address) : new GrpcClient(address);
    links.push(new RemoteLink(client, url, 'tiny', change.times ?? quick));
    return links.at(-1)!;
  }
  const isRemote = (of: RemoteLink) => of.standing('cpu').provider.startsWith('remote ');
  const reason = (of: RemoteLink) => of.standing('cpu').standIn;

  it('gives what the session here gives, bit for bit, for each kind of tensor', async () => {
    await serve();
    for (const role of ROLES) {
      const spec = graphSpec(contract, role);
      const here = await openGraph(file(role), spec, sizes, 1);
      const there = await link().join(spec, sizes, here);
      const given = checkFeeds(spec, sizes);
      const before = server.calls;
      expect(numbersOf(await there.run(given))).toEqual(numbersOf(await here.run(given)));
      expect(server.calls).toBe(before + 1);
      await there.release();
    }
  });

  it('takes other sizes than the proof’s, and writes into the memory it is given', async () => {
    await serve();
    const graph = await link().join(unet, sizes, local);
    const larger = checkFeeds(unet, { ...sizes, B: 2, h: 8, w: 4 });
    const { velocity } = await local.run(larger);
    const own = new Tensor('float32', new Float32Array(velocity!.data.length), [...velocity!.dims]);
    localRuns = 0;
    expect(await graph.run(larger, { velocity: own })).toEqual({ velocity: own });
    expect(own.data).toEqual(velocity!.data);
    expect(localRuns).toBe(0);
  });

  it('stands in for a server that goes away in mid-show, in words, and goes back to it', async () => {
    await serve();
    const of = link();
    const graph = await of.join(unet, sizes, local);
    expect(of.standing('cpu')).toEqual({ provider: `remote ${server.url(protocol)}`, standIn: null });
    await server.stop();
    expect(numbersOf(await graph.run(feeds))).toEqual(numbersOf(expected));
    expect(of.standing('cpu')).toMatchObject({
      provider: 'cpu',
      standIn: { code: 'remote.lost', message: expect.stringMatching(/This machine stands in/) },
    });
    await server.start();
    await vi.waitFor(() => expect(isRemote(of)).toBe(true), { timeout: 20_000 });
    localRuns = 0;
    expect(numbersOf(await graph.run(feeds))).toEqual(numbersOf(expected));
    expect([localRuns, reason(of)]).toEqual([0, null]);
  });

  it('starts on this machine while the server is not there yet', async () => {
    await serve();
    await server.stop();
    const of = link();
    const graph = await of.join(unet, sizes, local);
    expect(numbersOf(await graph.run(feeds))).toEqual(numbersOf(expected));
    expect(reason(of)).toMatchObject({ code: 'remote.lost' });
    await server.start();
    await vi.waitFor(() => expect(isRemote(of)).toBe(true), { timeout: 20_000 });
  });

  it.each<[string, Faults]>([
    ['calls that are lost', { drop: 2 }],
    ['answers that end in mid-tensor', { breakOff: 2 }],
    ['one of each', { drop: 1, breakOff: 1 }],
  ])('repeats %s', async (_, faults) => {
    await serve();
    const of = link();
    const graph = await of.join(unet, sizes, local);
    const before = server.calls;
    Object.assign(server.faults, faults);
    expect(numbersOf(await graph.run(feeds))).toEqual(numbersOf(expected));
    expect(server.calls - before).toBe(3);
    expect([localRuns, isRemote(of)]).toEqual([0, true]);
  });

  it('gives up when repeats do not help, and after the time for a call', async () => {
    await serve();
    const of = link({ times: { ...quick, callMs: 150, probeMs: [20, 40] } });
    const graph = await of.join(unet, sizes, local);
    for (const faults of [{ drop: 99 }, { delayMs: 5000 }] satisfies Faults[]) {
      Object.assign(server.faults, faults);
      localRuns = 0;
      expect(numbersOf(await graph.run(feeds))).toEqual(numbersOf(expected));
      expect([localRuns, reason(of)?.code]).toEqual([1, 'remote.lost']);
      Object.assign(server.faults, { drop: 0, delayMs: 0 });
      await vi.waitFor(() => expect(isRemote(of)).toBe(true), { timeout: 20_000 });
    }
  });

  it('stands in when the server dies while it works', async () => {
    await serve();
    const of = link();
    const graph = await of.join(unet, sizes, local);
    server.faults.delayMs = 150;
    const before = server.calls;
    const running = graph.run(feeds);
    await vi.waitFor(() => expect(server.calls).toBe(before + 1));
    await server.stop();
    expect(numbersOf(await running)).toEqual(numbersOf(expected));
    expect([localRuns, reason(of)?.code]).toEqual([1, 'remote.lost']);
  });

  it('bears with latency', async () => {
    await serve({}, { delayMs: 40 });
    const of = link();
    const graph = await of.join(unet, sizes, local);
    const both = await Promise.all([graph.run(feeds), graph.run(feeds)]);
    for (const results of both) expect(numbersOf(results)).toEqual(numbersOf(expected));
    expect([localRuns, isRemote(of)]).toEqual([0, true]);
  });

  it.each<[NonNullable<Faults['spoil']>, RegExp]>([
    ['nan', /values that are none/],
    ['shape', /send velocity as .*it sent/],
    ['short', /bytes that it takes/],
    ['type', /it sent int32/],
    ['missing', /it sent nothing/],
    ['garbage', protocol === 'rest' ? /Open Inference Protocol/ : /INTERNAL|index out of range|wire type/],
  ])('a result with the fault "%s" is not used, and said', async (spoil, words) => {
    await serve();
    const of = link();
    const graph = await of.join(unet, sizes, local);
    server.faults.spoil = spoil;
    expect(numbersOf(await graph.run(feeds))).toEqual(numbersOf(expected));
    expect(localRuns).toBe(1);
    expect(reason(of)).toMatchObject({
      code: spoil === 'garbage' && protocol === 'grpc' ? 'remote.lost' : 'remote.invalid',
      message: expect.stringMatching(words),
    });
  });

  it.each<[string, Partial<ServerOptions>, Faults, RegExp]>([
    ['another graph under its name', { models: { 'tiny-unet': file('text_encoder') } }, {}, /must have/],
    ['no such model', { models: {} }, {}, /have the model "tiny-unet" ready/],
    ['a model that is not ready', {}, { notReady: true }, /ready/],
  ])('a server with %s is not used, and said', async (_, options, faults, words) => {
    await serve(options, faults);
    const of = link();
    const graph = await of.join(unet, sizes, local);
    expect(numbersOf(await graph.run(feeds))).toEqual(numbersOf(expected));
    expect(reason(of)).toMatchObject({ code: 'remote.invalid', message: expect.stringMatching(words) });
  });

  it('shows its token, says when it is refused, and never quotes it', async () => {
    await serve({ token: TOKEN });
    const good = link({ token: TOKEN });
    await good.join(unet, sizes, local);
    expect(isRemote(good)).toBe(true);
    for (const token of ['hunter2-wrong', undefined]) {
      const bad = link(token === undefined ? {} : { token });
      const graph = await bad.join(unet, sizes, local);
      expect(numbersOf(await graph.run(feeds))).toEqual(numbersOf(expected));
      expect(reason(bad)).toMatchObject({ code: 'remote.refused' });
      expect(JSON.stringify(bad.standing('cpu'))).not.toContain('hunter2');
    }
  });

  it.skipIf(!hasOpenssl)('goes through TLS with a certificate it knows, and only then', async () => {
    const dir = mkdtempSync(join(tmpdir(), 'fantascope-tls-'));
    const [keyFile, certFile] = [join(dir, 'key.pem'), join(dir, 'cert.pem')];
    const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1'];
    execFileSync('openssl', [...request, '-days', '2', '-keyout', keyFile, '-out', certFile, ...names], {
      stdio: 'ignore',
    });
    const [key, cert] = [readFileSync(keyFile, 'utf8'), readFileSync(certFile, 'utf8')];
    rmSync(dir, { recursive: true });
    await serve({ tls: { key, cert }, token: TOKEN });
    const known = link({ ca: cert, token: TOKEN });
    await known.join(unet, sizes, local);
    expect(isRemote(known)).toBe(true);
    const unknown = link({ token: TOKEN });
    await unknown.join(unet, sizes, local);
    expect(reason(unknown)).toMatchObject({ code: 'remote.lost' });
  });
});

it.each(['rest', 'grpc'] as const)(
  'speaks numbers over %s with a server that has no bytes, to the same bits',
  async (protocol) => {
    const server = new InferenceServer({ models, numbersOnly: true });
    await server.start();
    const local = await openGraph(file('unet'), unet, sizes, 1);
    const url = server.url(protocol);
    const link = openRemote({ url }, 'tiny');
    const graph = await link.join(unet, sizes, local);
    expect(numbersOf(await graph.run(feeds))).toEqual(numbersOf(await local.run(feeds)));
    expect(link.standing('cpu')).toEqual({ provider: `remote ${url}`, standIn: null });
    expect(server.calls).toBe(2);
    link.close();
    await graph.release();
    await server.dispose();
  },
);

it('a token is not sent where anyone can read it', () => {
  const remote = { url: 'http://models.example:8000', token: TOKEN };
  expect(() => openRemote(remote, 'm')).toThrow(expect.objectContaining({ code: 'argument.invalid' }));
  expect(() => openRemote({ ...remote, url: 'grpc://10.0.0.7:8001' }, 'm')).toThrow(/grpcs:/);
  for (const url of ['https://models.example', 'http://127.0.0.1:8000', 'http://[::1]:1']) {
    openRemote({ ...remote, url }, 'm').close();
  }
});
