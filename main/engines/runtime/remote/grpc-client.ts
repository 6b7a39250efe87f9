import * as grpc from '@grpc/grpc-js';
import protobuf from 'protobufjs';
import type { StudioError } from '../../../../contract/errors';
import type { Tensors } from '../session/backend';
import {
  MAX_ANSWER_BYTES,
  remoteErrors,
  type InferenceClient,
  type RemoteAddress,
  type RemoteErrors,
  type RemoteTensor,
} from './client';
import { OPEN_INFERENCE_PROTO } from './open-inference-proto';
import { bytesOf, datatypeOf, tensorOf, tensorOfNumbers } from './tensor-bytes';

/** The service's full name. */
export const SERVICE = 'inference.GRPCInferenceService';

/** A message type of the protocol. */
export function messageType(name: string): protobuf.Type {
  definitions ??= protobuf.parse(OPEN_INFERENCE_PROTO, { keepCase: true }).root;
  return definitions.lookupType(`inference.${name}`);
}
let definitions: protobuf.Root | null = null;

/** 64-bit numbers come as objects. */
type Whole = number | { toString(): string };
type Contents = { fp32_contents?: number[]; int_contents?: number[]; int64_contents?: Whole[] };
type Described = { name: string; datatype: string; shape?: Whole[]; contents?: Contents };
type Metadata = { inputs?: Described[]; outputs?: Described[] };
type Inferred = { outputs?: Described[]; raw_output_contents?: Uint8Array[] };

/** The protocol over gRPC, tensors as raw contents. */
export class GrpcClient implements InferenceClient {
  readonly #wrong: RemoteErrors;
  readonly #client: grpc.Client;
  readonly #metadata = new grpc.Metadata();

  constructor(address: RemoteAddress) {
    this.#wrong = remoteErrors(address);
    const { protocol, hostname, port } = new URL(address.url);
    const secure = protocol === 'grpcs:';
    const credentials = secure
      ? grpc.credentials.createSsl(address.ca ? Buffer.from(address.ca) : null)
      : grpc.credentials.createInsecure();
    this.#client = new grpc.Client(`${hostname}:${port || (secure ? 443 : 8001)}`, credentials, {
      'grpc.max_receive_message_length': MAX_ANSWER_BYTES,
      'grpc.max_send_message_length': MAX_ANSWER_BYTES,
      // A server that is back is found at the next probe, not after minutes.
      'grpc.initial_reconnect_backoff_ms': 200,
      'grpc.max_reconnect_backoff_ms': 2000,
    });
    if (address.token) this.#metadata.set('authorization', `Bearer ${address.token}`);
  }

  async ready(model: string, timeoutMs: number): Promise<boolean> {
    const { ready } = await this.#call<{ ready: boolean }>('ModelReady', { name: model }, timeoutMs);
    return ready;
  }

  async metadata(model: string, timeoutMs: number) {
    const { inputs = [], outputs = [] } = await this.#call<Metadata>(
      'ModelMetadata',
      { name: model },
      timeoutMs,
    );
    return { inputs: inputs.map(plain), outputs: outputs.map(plain) };
  }

  async infer(
    model: string,
    feeds: Tensors,
    outputs: readonly string[],
    timeoutMs: number,
  ): Promise<Tensors> {
    const answer = await this.#call<Inferred>(
      'ModelInfer',
      {
        model_name: model,
        inputs: Object.entries(feeds).map(([name, { type, dims }]) => ({
          name,
          datatype: datatypeOf(type),
          shape: [...dims],
        })),
        outputs: outputs.map((name) => ({ name })),
        raw_input_contents: Object.values(feeds).map(bytesOf),
      },
      timeoutMs,
    );
    const raw = answer.raw_output_contents ?? [];
    const results = (answer.outputs ?? []).map((output, i) => {
      const described = plain(output);
      // Some servers answer raw contents with typed ones.
      const tensor =
        raw.length === 0
          ? tensorOfNumbers(described, numbersOf(output), this.#wrong)
          : tensorOf(described, raw[i] ?? new Uint8Array(0), this.#wrong);
      return [described.name, tensor] as const;
    });
    return Object.fromEntries(results);
  }

  close(): void {
    this.#client.close();
  }

  #call<T>(method: string, request: object, timeoutMs: number): Promise<T> {
    const [ask, answer] = [messageType(`${method}Request`), messageType(`${method}Response`)];
    return new Promise((resolve, reject) => {
      this.#client.makeUnaryRequest(
        `/${SERVICE}/${method}`,
        (message: object) => Buffer.from(ask.encode(message).finish()),
        (bytes: Buffer) => answer.decode(bytes) as unknown,
        request,
        this.#metadata,
        { deadline: Date.now() + timeoutMs },
        (error, value) => {
          if (error) reject(this.#failure(error, timeoutMs));
          else resolve(value as T);
        },
      );
    });
  }

  #failure({ code, details }: grpc.ServiceError, timeoutMs: number): StudioError {
    const { status } = grpc;
    const found = `it answered ${status[code]} ${details}`;
    if (code === status.UNAUTHENTICATED || code === status.PERMISSION_DENIED) {
      return this.#wrong('remote.refused', 'take the token', found);
    }
    const wrong = [
      status.INVALID_ARGUMENT,
      status.NOT_FOUND,
      status.UNIMPLEMENTED,
      status.FAILED_PRECONDITION,
    ];
    if (wrong.includes(code)) return this.#wrong('remote.invalid', 'answer the call', found);
    return this.#wrong('remote.lost', `answer within ${timeoutMs} ms`, found);
  }
}

/** Lengths as plain numbers; the wire has 64 bits for them. */
function plain({ name, datatype, shape = [] }: Described): RemoteTensor {
  return { name, datatype, shape: shape.map((dim) => Number(dim.toString())) };
}

function numbersOf({ contents = {} }: Described): number[] {
  const { fp32_contents: floats = [], int_contents: ints = [], int64_contents: wholes = [] } = contents;
  if (floats.length > 0) return floats;
  return ints.length > 0 ? ints : wholes.map((whole) => Number(whole.toString()));
}
