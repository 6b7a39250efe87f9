import { Tensor } from 'onnxruntime-node';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { StudioError, toStudioError, type StudioErrorShape } from '../../../../contract/errors';
import type { GraphSpec, Sizes } from '../model-contract';
import type { Tensors } from './backend';
import type { Graph } from './graph';

/** What a side thread is to open. */
export type SideOpening = { path: string; spec: GraphSpec; sizes: Sizes };

type Flat = Record<string, { type: Tensor.Type; dims: readonly number[]; data: Tensor.DataType }>;
type ToSide = { id: number; feeds: Flat } | 'release';
type FromSide = { id: number; results: Flat } | { id: number; error: StudioErrorShape };

/** One thread: pictures must not wait for what runs beside them. */
const SIDE_THREADS = 1;
/** The first answer says whether the graph is open. */
const OPENED = 0;

/**
 * A graph in a thread of its own beside the engine's loop, which goes on while it runs: for long
 * work that no picture may wait for, such as the encoding of a prompt by a large text encoder. It
 * runs on the processor. The thread ends by itself, after `release` and what is under way, because
 * one that is ended in the middle of a run takes the process with it.
 * @param entryFile the engine's own entry; it calls `serveSideThread` first.
 * @throws StudioError as `openGraph` does.
 */
export async function openSideGraph(entryFile: string | URL, opening: SideOpening): Promise<Graph> {
  const worker = new Worker(entryFile, { workerData: { sideGraph: opening } });
  const waiting = new Map<number, { resolve: (results: Tensors) => void; reject: (error: Error) => void }>();
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  let last = OPENED;

  function failAll(cause?: unknown): void {
    const message =
      'The side thread of the engine must go on until it is released and ended; restart the engine.';
    const error = new StudioError('engine', 'engine.failed', message, { cause });
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }
  worker.on('message', (message: FromSide) => {
    const waiter = waiting.get(message.id);
    waiting.delete(message.id);
    if ('error' in message) waiter?.reject(revived(message.error));
    else waiter?.resolve(inflate(message.results));
  });
  worker.on('error', failAll);
  worker.on('exit', () => failAll());
  await new Promise<Tensors>((resolve, reject) => waiting.set(OPENED, { resolve, reject }));
  return {
    run: (feeds) =>
      new Promise((resolve, reject) => {
        const id = ++last;
        waiting.set(id, { resolve, reject });
        worker.postMessage({ id, feeds: flatten(feeds) } satisfies ToSide);
      }),
    release: async () => {
      worker.postMessage('release' satisfies ToSide);
      await ended;
    },
  };
}

/**
 * The other end: call it first in the engine's entry.
 * @param open how graphs are opened.
 * @returns true in a side thread, where nothing else of the engine is to be done.
 */
export function serveSideThread(
  open: (path: string, spec: GraphSpec, sizes: Sizes, threads: number) => Promise<Graph>,
): boolean {
  const opening = (workerData as { sideGraph?: SideOpening } | null)?.sideGraph;
  const port = parentPort;
  if (isMainThread || !opening || !port) return false;
  const tell = (message: FromSide) => port.postMessage(message);
  const failed = (id: number, cause: unknown) =>
    tell({ id, error: toStudioError(cause, 'engine', 'engine.failed').toShape() });
  // One after the other, also where several asks came in.
  let work: Promise<Graph | null> = open(opening.path, opening.spec, opening.sizes, SIDE_THREADS).then(
    (graph) => {
      tell({ id: OPENED, results: {} });
      return graph;
    },
    (cause: unknown) => {
      failed(OPENED, cause);
      port.close();
      return null;
    },
  );
  port.on('message', (message: ToSide) => {
    work = work.then(async (graph) => {
      if (!graph) return null;
      if (message === 'release') {
        await graph.release();
        port.close();
        return null;
      }
      const { id, feeds } = message;
      await graph.run(inflate(feeds)).then(
        (results) => tell({ id, results: flatten(results) }),
        (cause: unknown) => failed(id, cause),
      );
      return graph;
    });
  });
  return true;
}

function revived({ origin, code, message, cause }: StudioErrorShape): StudioError {
  return new StudioError(origin, code, message, { cause });
}

function flatten(tensors: Tensors): Flat {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { type, dims, data }]) => [name, { type, dims, data }]),
  );
}

function inflate(flat: Flat): Tensors {
  return Object.fromEntries(
    Object.entries(flat).map(([name, { type, dims, data }]) => [name, new Tensor(type, data as never, dims)]),
  );
}
