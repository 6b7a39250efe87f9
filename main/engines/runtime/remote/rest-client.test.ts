import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { Tensor } from 'onnxruntime-node';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RestClient } from './rest-client';

type Answer = { status: number; headers: Record<string, string>; body: Uint8Array };

let server: Server;
let client: RestClient;
let answer: Answer;
beforeAll(async () => {
  server = createServer((request, response) => {
    if (request.url === '/v2') {
      response.end(JSON.stringify({ extensions: ['binary_tensor_data'] }));
      return;
    }
    request.resume();
    request.on('end', () => response.writeHead(answer.status, answer.headers).end(answer.body));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  client = new RestClient({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
afterAll(() => {
  client.close();
  server.close();
});

const feeds = { x: new Tensor('float32', Float32Array.of(1), [1]) };
const name = fc.constantFrom('y', '__proto__', '');
const output = fc.record(
  {
    name,
    datatype: fc.constantFrom('FP32', 'INT64', 'BYTES', 'FP16'),
    shape: fc.array(fc.constantFrom(-1, 0, 1, 2, 0.5, 2 ** 40, 1e300), { maxLength: 3 }),
    data: fc.jsonValue(),
    parameters: fc.record({ binary_data_size: fc.constantFrom(0, 4, 8, -4, 2 ** 40, 0.5) }),
  },
  { requiredKeys: ['name', 'datatype', 'shape'] },
);
const body = fc.oneof(
  fc.uint8Array({ maxLength: 64 }),
  fc
    .tuple(fc.array(output, { maxLength: 3 }), fc.uint8Array({ maxLength: 16 }))
    .map(([outputs, tail]) => Buffer.concat([Buffer.from(JSON.stringify({ outputs })), tail])),
);

/** An answer that is one: random bytes seldom are. */
const wellFormed = new Uint8Array(
  Buffer.from(JSON.stringify({ outputs: [{ name: 'y', datatype: 'FP32', shape: [2], data: [1, 2] }] })),
);

it('takes any answer as tensors of their shapes or as an error of the server, and never breaks', async () => {
  let [taken, refused] = [0, 0];
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(200, 200, 200, 400, 401, 503),
      fc.option(fc.constantFrom('0', '-1', '30', '99999', 'x', '1e9')),
      body,
      async (status, length, bytes) => {
        answer = {
          status,
          headers: length === null ? {} : { 'inference-header-content-length': length },
          body: bytes,
        };
        try {
          const tensors = await client.infer('m', feeds, ['y'], 5000);
          for (const { dims, data } of Object.values(tensors)) {
            expect(dims.reduce((product, dim) => product * dim, 1)).toBe(data.length);
          }
          taken++;
        } catch (error) {
          expect(error).toMatchObject({ code: expect.stringMatching(/^remote\./) });
          refused++;
        }
      },
    ),
    { numRuns: 400, examples: [[200, null, wellFormed]] },
  );
  expect(taken).toBeGreaterThan(0);
  expect(refused).toBeGreaterThan(100);
}, 30_000);

it('an answer to one call is no answer to the next', async () => {
  const reply = (value: number): Answer => {
    const outputs = [{ name: 'y', datatype: 'FP32', shape: [1], parameters: { binary_data_size: 4 } }];
    const header = Buffer.from(JSON.stringify({ outputs }));
    const headers = { 'inference-header-content-length': String(header.length) };
    const tail = new Uint8Array(Float32Array.of(value).buffer);
    return { status: 200, headers, body: Buffer.concat([header, tail]) };
  };
  for (const value of [1.5, -2.25]) {
    answer = reply(value);
    const { y } = await client.infer('m', feeds, ['y'], 5000);
    expect(y!.data).toEqual(Float32Array.of(value));
  }
});
