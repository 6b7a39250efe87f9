import * as v from 'valibot';
import type { Tensors } from '../session/backend';
import {
  remoteErrors,
  type InferenceClient,
  type RemoteAddress,
  type RemoteErrors,
  type RemoteTensor,
} from './client';
import { HttpExchange, type HttpAnswer } from './http-exchange';
import { bytesOf, datatypeOf, tensorOf, tensorOfNumbers } from './tensor-bytes';

/** Where JSON ends in a body whose tensors follow as bytes (Triton's binary tensor data extension). */
const HEADER_LENGTH = 'inference-header-content-length';
const BINARY_EXTENSION = 'binary_tensor_data';

const TensorSchema = v.object({ name: v.string(), datatype: v.string(), shape: v.array(v.number()) });
const ServerSchema = v.object({ extensions: v.optional(v.array(v.string()), () => []) });
const ModelSchema = v.object({ inputs: v.array(TensorSchema), outputs: v.array(TensorSchema) });
const AnswerSchema = v.object({
  outputs: v.array(
    v.object({
      ...TensorSchema.entries,
      data: v.optional(v.unknown()),
      parameters: v.optional(v.object({ binary_data_size: v.optional(v.number()) })),
    }),
  ),
});

/** The protocol over REST: tensors as bytes where the server can, as JSON numbers else. */
export class RestClient implements InferenceClient {
  readonly #wrong: RemoteErrors;
  readonly #http: HttpExchange;
  #binary: Promise<boolean> | null = null;

  constructor(address: RemoteAddress) {
    this.#wrong = remoteErrors(address);
    this.#http = new HttpExchange(address, this.#wrong);
  }

  async ready(model: string, timeoutMs: number): Promise<boolean> {
    // What the server can is asked anew: it may be another one since it was away.
    this.#binary = null;
    const answer = await this.#http.ask({ method: 'GET', path: `${pathOf(model)}/ready` }, timeoutMs);
    if (answer.status === 200) return true;
    if (answer.status === 400 || answer.status === 404) return false;
    throw this.#failure(answer);
  }

  async metadata(model: string, timeoutMs: number) {
    return this.#read(ModelSchema, await this.#get(pathOf(model), timeoutMs));
  }

  async infer(
    model: string,
    feeds: Tensors,
    outputs: readonly string[],
    timeoutMs: number,
  ): Promise<Tensors> {
    const binary = await (this.#binary ??= this.#canBinary(timeoutMs));
    const header = Buffer.from(JSON.stringify(requestOf(feeds, outputs, binary)));
    const answer = await this.#http.ask(
      {
        method: 'POST',
        path: `${pathOf(model)}/infer`,
        headers: {
          'content-type': binary ? 'application/octet-stream' : 'application/json',
          ...(binary ? { [HEADER_LENGTH]: header.length } : {}),
        },
        body: [header, ...(binary ? Object.values(feeds).map(bytesOf) : [])],
      },
      timeoutMs,
    );
    if (answer.status !== 200) throw this.#failure(answer);
    return this.#tensors(answer);
  }

  close(): void {
    this.#http.close();
  }

  async #canBinary(timeoutMs: number): Promise<boolean> {
    try {
      return this.#read(ServerSchema, await this.#get('v2', timeoutMs)).extensions.includes(BINARY_EXTENSION);
    } catch (error) {
      this.#binary = null;
      throw error;
    }
  }

  #tensors({ headers, body }: HttpAnswer): Tensors {
    const ends = Number(headers[HEADER_LENGTH] ?? body.length);
    const { outputs } = this.#read(AnswerSchema, body.subarray(0, ends));
    let at = ends;
    return Object.fromEntries(
      outputs.map(({ data, parameters, ...described }) => {
        const size = parameters?.binary_data_size;
        if (size === undefined) return [described.name, tensorOfNumbers(described, data, this.#wrong)];
        const bytes = body.subarray(at, (at += size));
        return [described.name, tensorOf(described, bytes, this.#wrong)];
      }),
    );
  }

  async #get(path: string, timeoutMs: number): Promise<Buffer> {
    const answer = await this.#http.ask({ method: 'GET', path }, timeoutMs);
    if (answer.status !== 200) throw this.#failure(answer);
    return answer.body;
  }

  #read<S extends v.GenericSchema>(schema: S, body: Buffer): v.InferOutput<S> {
    try {
      return v.parse(schema, JSON.parse(body.toString('utf8')));
    } catch {
      throw this.#wrong('remote.invalid', 'answer as the Open Inference Protocol says', 'it did not');
    }
  }

  #failure({ status, body }: HttpAnswer) {
    const found = `it answered ${status} ${body.toString('utf8').slice(0, 200)}`;
    if (status === 401 || status === 403) return this.#wrong('remote.refused', 'take the token', found);
    const passing = status >= 500 || status === 408 || status === 429;
    return this.#wrong(passing ? 'remote.lost' : 'remote.invalid', 'answer the call', found);
  }
}

function pathOf(model: string): string {
  return `v2/models/${encodeURIComponent(model)}`;
}

function requestOf(feeds: Tensors, outputs: readonly string[], binary: boolean): unknown {
  return {
    inputs: Object.entries(feeds).map(([name, tensor]) => {
      const described: RemoteTensor = {
        name,
        datatype: datatypeOf(tensor.type),
        shape: [...tensor.dims],
      };
      if (binary) return { ...described, parameters: { binary_data_size: bytesOf(tensor).byteLength } };
      return { ...described, data: Array.from(tensor.data as Float32Array, Number) };
    }),
    outputs: outputs.map((name) => ({ name, ...(binary ? { parameters: { binary_data: true } } : {}) })),
  };
}
