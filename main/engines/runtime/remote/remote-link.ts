import { StudioError, toStudioError, type StudioErrorShape } from '../../../../contract/errors';
import { checkDeclared, type GraphSpec, type Sizes } from '../model-contract';
import type { Tensors } from '../session/backend';
import { zeroFeeds, type Graph } from '../session/graph';
import type { RemoteRuntime, Standing } from '../session/runtime';
import { checkAnswer, copyInto, declared } from './answer';
import { remoteErrors, type InferenceClient, type RemoteErrors } from './client';

/** The times of a link. */
export type LinkTimes = {
  /** Longest wait for one run, repeats included: then this machine works it out. */
  callMs: number;
  /** Waits before a call that failed in passing is repeated; runs change nothing, so that is safe. */
  repeatAfterMs: readonly number[];
  /** Waits before a server that is away is looked for again: the first, and the longest. */
  probeMs: readonly [first: number, longest: number];
};
export const LINK_TIMES: LinkTimes = { callMs: 2000, repeatAfterMs: [20, 80], probeMs: [1000, 30_000] };

type Member = { spec: GraphSpec; sizes: Sizes; model: string; outputs: readonly string[] };

/**
 * The graphs of one model on a server. A graph goes there only after its metadata fit the
 * contract and a run on zeros gave the promised shapes. When a call fails this machine's own
 * session works it out, and all others, until the server has proved every graph again.
 */
export class RemoteLink implements RemoteRuntime {
  readonly #client: InferenceClient;
  readonly #url: string;
  readonly #model: string;
  readonly #times: LinkTimes;
  readonly #wrong: RemoteErrors;
  readonly #members: Member[] = [];
  #lost: StudioErrorShape | null = null;
  #probe: NodeJS.Timeout | undefined;
  #closed = false;

  /** `model`: graphs are known to the server as `MODEL-ROLE`. */
  constructor(client: InferenceClient, url: string, model: string, times: LinkTimes = LINK_TIMES) {
    this.#client = client;
    this.#url = url;
    this.#model = model;
    this.#times = times;
    this.#wrong = remoteErrors({ url });
  }

  standing(local: string): Standing {
    if (this.#lost === null) return { provider: `remote ${this.#url}`, standIn: null };
    return { provider: local, standIn: this.#lost };
  }

  /** The graph on the server, with `local` in its stead while it is away; both end with `release`. */
  async join(spec: GraphSpec, sizes: Sizes, local: Graph): Promise<Graph> {
    const outputs = spec.outputs.map(({ name }) => name);
    const member = { spec, sizes, model: `${this.#model}-${spec.role}`, outputs };
    this.#members.push(member);
    if (this.#lost === null) await this.#prove(member).catch((cause: unknown) => this.#lose(cause));
    return {
      run: (feeds, into) => this.#run(member, local, feeds, into),
      release: () => local.release(),
    };
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#probe);
    this.#client.close();
  }

  async #run(member: Member, local: Graph, feeds: Tensors, into?: Tensors): Promise<Tensors> {
    if (this.#lost !== null) return local.run(feeds, into);
    let results: Tensors;
    try {
      results = await this.#infer(member, feeds, into ? Object.keys(into) : member.outputs);
      if (into) copyInto(results, into, this.#wrong);
    } catch (cause) {
      this.#lose(cause);
      return local.run(feeds, into);
    }
    return into ?? results;
  }

  async #infer({ model, spec }: Member, feeds: Tensors, outputs: readonly string[]): Promise<Tensors> {
    const deadline = performance.now() + this.#times.callMs;
    for (let attempt = 0; ; attempt++) {
      try {
        const leftMs = Math.max(1, Math.round(deadline - performance.now()));
        const results = await this.#client.infer(model, feeds, outputs, leftMs);
        checkAnswer(spec, feeds, outputs, results, this.#wrong);
        return results;
      } catch (error) {
        const waitMs = this.#times.repeatAfterMs[attempt];
        const passing = error instanceof StudioError && error.code === 'remote.lost';
        if (!passing || waitMs === undefined || performance.now() + waitMs >= deadline) throw error;
        await new Promise((done) => setTimeout(done, waitMs));
      }
    }
  }

  async #prove(member: Member): Promise<void> {
    const { spec, sizes, model, outputs } = member;
    const { callMs } = this.#times;
    if (!(await this.#client.ready(model, callMs))) {
      throw this.#wrong('remote.invalid', `have the model "${model}" ready`, 'it does not');
    }
    const metadata = await this.#client.metadata(model, callMs);
    const subject = `graph "${model}" of the model server ${this.#url}`;
    checkDeclared(`The inputs of ${subject}`, spec.inputs, metadata.inputs.map(declared), sizes);
    checkDeclared(`The outputs of ${subject}`, spec.outputs, metadata.outputs.map(declared), sizes);
    await this.#infer(member, zeroFeeds(spec, sizes), outputs);
  }

  /** From now on this machine works, and the server is looked for. */
  #lose(cause: unknown): void {
    if (this.#lost !== null || this.#closed) return;
    this.#lost = standInReason(cause);
    this.#probeIn(this.#times.probeMs[0]);
  }

  #probeIn(waitMs: number): void {
    this.#probe = setTimeout(() => {
      void this.#proveAll().catch((cause: unknown) => {
        if (this.#closed) return;
        this.#lost = standInReason(cause);
        this.#probeIn(Math.min(waitMs * 2, this.#times.probeMs[1]));
      });
    }, waitMs);
    this.#probe.unref();
  }

  async #proveAll(): Promise<void> {
    for (const member of this.#members) await this.#prove(member);
    if (!this.#closed) this.#lost = null;
  }
}

function standInReason(cause: unknown): StudioErrorShape {
  const { origin, code, message } = toStudioError(cause, 'engine', 'remote.invalid').toShape();
  const told = code === 'model.contract' ? 'remote.invalid' : code;
  return { origin, code: told, message: `${message} This machine stands in until it does.` };
}
