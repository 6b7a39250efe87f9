import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { AnimateContractSchema } from '../../main/engines/animate/contract';
import { readJson } from '../../main/engines/runtime/model-catalogue';
import { graphSpec, type GraphSpec } from '../../main/engines/runtime/model-contract';
import { inspectOnnx } from '../../main/engines/runtime/onnx-inspection';
import { openRemote } from '../../main/engines/runtime/remote/open-remote';
import { openGraph, type Graph } from '../../main/engines/runtime/session';
import { openOnnxSession } from '../../main/engines/runtime/session/backend';
import { PROBE_GRAPH } from '../../main/engines/runtime/session/probe-graph';
import { checkFeeds } from '../../main/engines/runtime/session/provider-check';
import { RowBatch } from '../../main/engines/runtime/session/row-batch';
import { TurnTable, type Turn } from '../../main/engines/runtime/turns/turn-table';
import { TurnTaker } from '../../main/engines/runtime/turns/turn-taker';
import { InferenceServer } from '../../main/engines/testing/inference-server';
import { figure, type Figure } from '../lib/figures';

const ROUNDS = 9;
const CALLS = 2000;
const TURNS = 500;
const MODELS = resolve('native-models');
const UNET = join(MODELS, 'models/animate/unet.onnx');
const SIZES = { B: 1, H: 256, W: 256, h: 32, w: 32 };

/** What a session costs beside the network itself: a call, a start, and a server in place of it. */
export async function sessionFigures(): Promise<Figure[]> {
  const contract = await readJson(
    join(MODELS, 'contracts/animate.json'),
    AnimateContractSchema,
    'The contract',
  );
  const spec = graphSpec(contract, 'unet');
  return [
    await callOverhead(),
    await turnOverhead(),
    await batching(spec),
    ...(await starts()),
    ...(await remotes(spec)),
  ];
}

async function callOverhead(): Promise<Figure> {
  const session = await openOnnxSession(PROBE_GRAPH, 'cpu', 1);
  const feeds = { x: new Tensor('float32', Float32Array.of(1), [1]) };
  const us: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    us.push(
      (1000 *
        (await timed(async () => {
          for (let call = 0; call < CALLS; call++) await session.run(feeds, ['y']);
        }))) /
        CALLS,
    );
  }
  await session.release();
  return figure('callOverheadUs', 'us', 'lower', us, { against: 'a graph of one addition' });
}

/** What it costs a run to be given its turn by main, over the channel to a process and back. */
async function turnOverhead(): Promise<Figure> {
  const child = fork(resolve('bench/runtime/echo-child.mjs'));
  const table = new TurnTable();
  const graph: Graph = { run: async () => ({}), release: async () => {} };
  let held: Turn | null = null;
  const taker = new TurnTaker((message) => void child.send(message));
  child.on('message', (message: { type: string; id: number; lengthMs: number }) => {
    if (message.type === 'turn-end') held?.end();
    else held = table.ask('gpu:0', 'animate', message.lengthMs, () => taker.given(message.id));
  });
  const guarded = taker.guard(graph);
  const us: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const ms = await timed(async () => {
      for (let call = 0; call < TURNS; call++) await guarded.run({});
    });
    us.push((1000 * ms) / TURNS);
  }
  child.kill();
  return figure('turnOverheadUs', 'us', 'lower', us, {
    against: 'a run without turns; there and back between two processes',
  });
}

/** Four rows in one run of the animate network against four runs of one row, in turn. */
async function batching(spec: GraphSpec): Promise<Figure> {
  const rows = 4;
  const graph = await openGraph(UNET, spec, SIZES, 2);
  const [one, four] = [new RowBatch(spec, 'B', 1, SIZES), new RowBatch(spec, 'B', rows, SIZES)];
  const [single, together]: [number[], number[]] = [[], []];
  for (let round = 0; round < 3 * ROUNDS; round++) {
    single.push(
      await timed(async () => {
        for (let row = 0; row < rows; row++) await one.run(graph);
      }),
    );
    together.push(await timed(() => four.run(graph)));
  }
  await graph.release();
  return figure('batchSpeedup4', 'ratio', 'higher', ratios(single, together), {
    against: 'four runs of one row each, animate network at 256 pixels, two threads',
  });
}

/** A start as it is, against one from a file that the runtime optimised before, which must be hashed. */
async function starts(): Promise<Figure[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fantascope-bench-sessions-'));
  const optimised = join(folder, 'unet.onnx');
  const load = async (path: string, options: InferenceSession.SessionOptions) => {
    const session = await InferenceSession.create(path, {
      intraOpNumThreads: 1,
      logSeverityLevel: 3,
      ...options,
    });
    await session.release();
  };
  try {
    const coldMs = await timed(() => load(UNET, {}));
    await load(UNET, { optimizedModelFilePath: optimised });
    const [warm, cached, looked]: [number[], number[], number[]] = [[], [], []];
    for (let round = 0; round < ROUNDS; round++) {
      warm.push(await timed(() => load(UNET, {})));
      cached.push(
        await timed(async () => {
          createHash('sha256')
            .update(await readFile(optimised))
            .digest();
          await load(optimised, { graphOptimizationLevel: 'disabled' });
        }),
      );
      looked.push(await timed(async () => void inspectOnnx(UNET)));
    }
    const warmMs = Math.min(...warm);
    return [
      figure('sessionColdShare', 'ratio', 'lower', [coldMs / warmMs], {
        against: 'a later start in the same process, animate network',
      }),
      figure('optimisedCacheShare', 'ratio', 'lower', ratios(cached, warm), {
        against: 'a start without a cache of the optimised graph; its hash is checked',
      }),
      figure('inspectionShare', 'ratio', 'lower', ratios(looked, warm), {
        against: 'the start that it goes before',
      }),
    ];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** One run of the animate network on a server in this process, against a session here, A B C A B C. */
async function remotes(spec: GraphSpec): Promise<Figure[]> {
  const server = new InferenceServer({ models: { 'animate-unet': UNET } });
  await server.start();
  const local = await openGraph(UNET, spec, SIZES, 1);
  const links = {
    rest: openRemote({ url: server.url('rest') }, 'animate'),
    grpc: openRemote({ url: server.url('grpc') }, 'animate'),
  };
  const rest = await links.rest.join(spec, SIZES, local);
  const grpc = await links.grpc.join(spec, SIZES, local);
  const feeds = checkFeeds(spec, SIZES);
  const [here, overRest, overGrpc]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < 3 * ROUNDS; round++) {
    here.push(await timed(() => local.run(feeds)));
    overRest.push(await timed(() => rest.run(feeds)));
    overGrpc.push(await timed(() => grpc.run(feeds)));
  }
  for (const link of Object.values(links)) {
    if (link.standing('cpu').standIn)
      throw new Error('The server on loopback was lost while it was measured.');
    link.close();
  }
  await local.release();
  await server.dispose();
  const against = 'the session here; the same network on a server on loopback';
  return [
    figure('remoteRestShare', 'ratio', 'lower', ratios(overRest, here), { against }),
    figure('remoteGrpcShare', 'ratio', 'lower', ratios(overGrpc, here), { against }),
  ];
}

function ratios(these: readonly number[], those: readonly number[]): number[] {
  return these.map((ms, i) => ms / those[i]!);
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}
