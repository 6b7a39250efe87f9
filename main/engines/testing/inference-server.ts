import * as grpc from '@grpc/grpc-js';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import * as https from 'node:https';
import type { AddressInfo, Socket } from 'node:net';
import type { Tensor } from 'onnxruntime-node';
import { messageType, SERVICE } from '../runtime/remote/grpc-client';
import type { RemoteTensor } from '../runtime/remote/client';
import { bytesOf, datatypeOf, tensorOf } from '../runtime/remote/tensor-bytes';
import { openOnnxSession, type Session } from '../runtime/session/backend';

/** What a test server does wrong; read anew at every call. */
export type Faults = {
  delayMs?: number;
  /** So many calls end without an answer. */
  drop?: number;
  /** So many answers end in the middle of a tensor. */
  breakOff?: number;
  spoil?: 'nan' | 'shape' | 'short' | 'type' | 'missing' | 'garbage';
  notReady?: boolean;
};

export type ServerOptions = {
  /** Files by the name that a model has on the server. */
  models: Readonly<Record<string, string>>;
  token?: string;
  tls?: { key: string; cert: string };
  /** Speaks JSON over REST and typed contents over gRPC. */
  numbersOnly?: boolean;
};

const HEADER_LENGTH = 'inference-header-content-length';

/**
 * A server of the Open Inference Protocol on loopback, with ONNX Runtime behind it: gRPC from the
 * protocol's published definitions, REST with binary tensors, and faults at will.
 */
export class InferenceServer {
  readonly faults: Faults = {};
  /** Inference calls that arrived. */
  calls = 0;
  readonly #options: ServerOptions;
  readonly #sessions = new Map<string, Session>();
  #http: Server | null = null;
  #grpc: grpc.Server | null = null;
  readonly #sockets = new Set<Socket>();
  httpPort = 0;
  grpcPort = 0;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  get host(): string {
    return this.#options.tls ? 'localhost' : '127.0.0.1';
  }

  url(protocol: 'rest' | 'grpc'): string {
    const s = this.#options.tls ? 's' : '';
    return protocol === 'rest'
      ? `http${s}://${this.host}:${this.httpPort}`
      : `grpc${s}://${this.host}:${this.grpcPort}`;
  }

  /** Listens; again after `stop` on the same ports. */
  async start(): Promise<void> {
    for (const [name, path] of Object.entries(this.#options.models)) {
      if (!this.#sessions.has(name)) this.#sessions.set(name, await openOnnxSession(path, 'cpu', 1));
    }
    const { tls } = this.#options;
    const handle = (request: IncomingMessage, response: ServerResponse) => void this.#rest(request, response);
    const http = tls ? https.createServer(tls, handle) : createServer(handle);
    http.on('connection', (socket) => {
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
    });
    await new Promise<void>((done) => http.listen(this.httpPort, '127.0.0.1', done));
    this.httpPort = (http.address() as AddressInfo).port;
    this.#http = http;
    const server = new grpc.Server();
    server.addService(serviceDefinition(), {
      ModelReady: this.#unary((request) => ({ ready: this.#ready(request.name as string) })),
      ModelMetadata: this.#unary((request) => this.#metadata(request.name as string)),
      ModelInfer: this.#unary((request) => this.#grpcInfer(request)),
    });
    const credentials = tls
      ? grpc.ServerCredentials.createSsl(null, [
          { private_key: Buffer.from(tls.key), cert_chain: Buffer.from(tls.cert) },
        ])
      : grpc.ServerCredentials.createInsecure();
    this.grpcPort = await new Promise((done, fail) =>
      server.bindAsync(`127.0.0.1:${this.grpcPort}`, credentials, (error, port) =>
        error ? fail(error) : done(port),
      ),
    );
    this.#grpc = server;
  }

  /** Goes away as a machine that is switched off. */
  async stop(): Promise<void> {
    this.#grpc?.forceShutdown();
    for (const socket of this.#sockets) socket.destroy();
    await new Promise<void>((done) => (this.#http ? this.#http.close(() => done()) : done()));
    this.#http = null;
    this.#grpc = null;
  }

  async dispose(): Promise<void> {
    await this.stop();
    for (const session of this.#sessions.values()) await session.release();
    this.#sessions.clear();
  }

  #ready(model: string): boolean {
    return this.#sessions.has(model) && !this.faults.notReady;
  }

  #metadata(model: string) {
    const session = this.#sessions.get(model);
    if (!session) throw new Error(`no model ${model}`);
    const describe = ({ name, type, dims }: Session['inputs'][number]): RemoteTensor => ({
      name,
      datatype: datatypeOf(type),
      shape: dims.map((dim) => (typeof dim === 'number' ? dim : -1)),
    });
    const outputs = session.outputs.map(describe);
    return {
      name: model,
      versions: ['1'],
      platform: 'onnxruntime_onnx',
      inputs: session.inputs.map(describe),
      outputs,
    };
  }

  async #infer(model: string, inputs: RemoteTensor[], contents: Uint8Array[], wanted: string[]) {
    this.calls++;
    if (this.faults.delayMs) await new Promise((done) => setTimeout(done, this.faults.delayMs));
    const refuse = (_: string, rule: string, found: string) => new Error(`${rule}: ${found}`);
    const feeds = Object.fromEntries(
      inputs.map((input, i) => [input.name, tensorOf(input, contents[i]!, refuse as never)]),
    );
    const results = await this.#sessions.get(model)!.run(feeds, wanted);
    return Object.entries(results).map(([name, tensor]) => this.#spoil(name, tensor));
  }

  #spoil(name: string, tensor: Tensor): { described: RemoteTensor; bytes: Uint8Array } {
    let bytes = Uint8Array.from(bytesOf(tensor));
    const described = { name, datatype: datatypeOf(tensor.type), shape: [...tensor.dims] };
    const { spoil } = this.faults;
    if (spoil === 'nan') new Float32Array(bytes.buffer)[0] = NaN;
    if (spoil === 'shape') described.shape.reverse();
    if (spoil === 'short') bytes = bytes.subarray(0, bytes.length - 4);
    if (spoil === 'type') described.datatype = 'INT32';
    if (spoil === 'missing') described.name = 'another';
    return { described, bytes };
  }

  async #grpcInfer(request: Record<string, unknown>) {
    const inputs = (request.inputs as RemoteTensor[]).map(({ shape, ...input }) => ({
      ...input,
      shape: shape.map(Number),
    }));
    const wanted = (request.outputs as { name: string }[]).map(({ name }) => name);
    const results = await this.#infer(
      request.model_name as string,
      inputs,
      request.raw_input_contents as Uint8Array[],
      wanted,
    );
    if (this.#options.numbersOnly) {
      const outputs = results.map(({ described, bytes }) => ({
        ...described,
        contents: { fp32_contents: Array.from(new Float32Array(bytes.buffer)) },
      }));
      return { model_name: request.model_name, outputs };
    }
    return {
      model_name: request.model_name,
      outputs: results.map(({ described }) => described),
      raw_output_contents: results.map(({ bytes }) => bytes),
    };
  }

  #unary(answer: (request: Record<string, unknown>) => unknown) {
    const serve = async (
      call: grpc.ServerUnaryCall<Record<string, unknown>, unknown>,
      done: grpc.sendUnaryData<unknown>,
    ): Promise<void> => {
      const { token } = this.#options;
      if (token && call.metadata.get('authorization')[0] !== `Bearer ${token}`) {
        const details = `bad token ${String(call.metadata.get('authorization')[0])}`;
        return done({ code: grpc.status.UNAUTHENTICATED, details });
      }
      const isInfer = 'model_name' in call.request;
      if (isInfer && take(this.faults, 'drop')) {
        this.calls++;
        return done({ code: grpc.status.UNAVAILABLE, details: 'dropped' });
      }
      if (isInfer && take(this.faults, 'breakOff')) {
        this.calls++;
        return done({ code: grpc.status.INTERNAL, details: 'Received RST_STREAM in mid-message' });
      }
      try {
        const value = await answer(call.request);
        done(null, this.faults.spoil === 'garbage' && isInfer ? GARBAGE : value);
      } catch (error) {
        done({ code: grpc.status.INVALID_ARGUMENT, details: String(error) });
      }
    };
    return (...call: Parameters<typeof serve>) => void serve(...call);
  }

  async #rest(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { token, numbersOnly = false } = this.#options;
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const json = (status: number, value: unknown) => response.writeHead(status).end(JSON.stringify(value));
    if (token && request.headers.authorization !== `Bearer ${token}`) {
      json(401, { error: `bad token ${request.headers.authorization}` });
      return;
    }
    const [, model = '', verb = ''] =
      /^\/v2\/models\/([^/]+)\/?(.*)$/.exec(decodeURIComponent(request.url!)) ?? [];
    try {
      if (request.url === '/v2') json(200, { extensions: numbersOnly ? [] : ['binary_tensor_data'] });
      else if (verb === 'ready') json(this.#ready(model) ? 200 : 400, {});
      else if (verb === '') json(200, this.#metadata(model));
      else if (take(this.faults, 'drop')) {
        this.calls++;
        request.socket.destroy();
      } else await this.#restInfer(model, request, Buffer.concat(chunks), response);
    } catch (error) {
      json(400, { error: String(error) });
    }
  }

  async #restInfer(model: string, request: IncomingMessage, body: Buffer, response: ServerResponse) {
    const length = request.headers[HEADER_LENGTH];
    const ends = length === undefined ? body.length : Number(length);
    const asked = JSON.parse(body.subarray(0, ends).toString()) as {
      inputs: (RemoteTensor & { data?: number[]; parameters?: { binary_data_size: number } })[];
      outputs: { name: string }[];
    };
    let at = ends;
    const contents = asked.inputs.map(({ data, datatype, parameters }) => {
      if (parameters) return body.subarray(at, (at += parameters.binary_data_size));
      const numbers = data ?? [];
      return new Uint8Array(
        (datatype === 'FP32' ? Float32Array.from(numbers) : BigInt64Array.from(numbers, BigInt)).buffer,
      );
    });
    const wanted = asked.outputs.map(({ name }) => name);
    const results = await this.#infer(model, asked.inputs, contents, wanted);
    const binary = length !== undefined;
    const head = Buffer.from(
      JSON.stringify({
        outputs: results.map(({ described, bytes }) =>
          binary
            ? { ...described, parameters: { binary_data_size: bytes.length } }
            : { ...described, data: Array.from(new Float32Array(bytes.buffer)) },
        ),
      }),
    );
    const whole = Buffer.concat([head, ...(binary ? results.map(({ bytes }) => bytes) : [])]);
    response.writeHead(200, {
      'content-length': whole.length,
      ...(binary ? { [HEADER_LENGTH]: head.length } : {}),
    });
    if (this.faults.spoil === 'garbage') response.end(Buffer.alloc(whole.length, 0x7b));
    else if (take(this.faults, 'breakOff')) {
      response.write(whole.subarray(0, whole.length - 10), () => request.socket.destroy());
    } else response.end(whole);
  }
}

/** Not a message of the protocol. */
const GARBAGE = Symbol('garbage');

/** The service as its published definitions describe it. */
function serviceDefinition(): grpc.ServiceDefinition {
  const methods = ['ModelReady', 'ModelMetadata', 'ModelInfer'].map((name) => {
    const [ask, answer] = [messageType(`${name}Request`), messageType(`${name}Response`)];
    const definition: grpc.MethodDefinition<unknown, unknown> = {
      path: `/${SERVICE}/${name}`,
      requestStream: false,
      responseStream: false,
      requestSerialize: (message) => Buffer.from(ask.encode(message as object).finish()),
      requestDeserialize: (bytes) => ask.decode(bytes),
      responseSerialize: (message) =>
        message === GARBAGE ? Buffer.alloc(40, 0xff) : Buffer.from(answer.encode(message as object).finish()),
      responseDeserialize: (bytes) => answer.decode(bytes),
    };
    return [name, definition] as const;
  });
  return Object.fromEntries(methods);
}

function take(faults: Faults, name: 'drop' | 'breakOff'): boolean {
  const left = faults[name] ?? 0;
  if (left > 0) faults[name] = left - 1;
  return left > 0;
}
