import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { inRoot } from '../setup/root.mjs';

const CHUNK_BYTES = 1 << 16;
const BEAT_MS = 50;
/** A field of ModelProto that says nothing: whatever is in it, the graph before it stays whole. */
const DOC_STRING_TAG = 0x32;

/**
 * Stands in for the servers of public models on loopback: files of the right size, at the pace that is
 * asked for. A graph is one of ours that is filled up, so that it can be installed.
 */
export class WeightsServer {
  #server = createServer((request, response) => this.#answer(request, response));
  #files = new Map();
  #graph = readFileSync(inRoot('native-models/models/animate/text_encoder.onnx'));
  /** How fast files come. */
  bytesPerSecond = Infinity;

  async start() {
    await new Promise((done) => this.#server.listen(0, '127.0.0.1', done));
  }

  /** Puts a file there, and answers with its address. `most`: the line breaks after so many bytes. */
  add(path, bytes, most = Infinity) {
    const head = path.endsWith('.onnx') ? filledUp(this.#graph, bytes) : Buffer.alloc(0);
    this.#files.set(`/${path}`, { head, bytes, most });
    return `http://127.0.0.1:${this.#server.address().port}/${path}`;
  }

  async stop() {
    this.#server.closeAllConnections();
    await new Promise((done) => this.#server.close(done));
  }

  #answer(request, response) {
    const file = this.#files.get(request.url);
    if (!file) return void response.writeHead(404).end();
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);
    if (from >= file.most) return void request.socket.destroy();
    const part = from > 0 ? { 'content-range': `bytes ${from}-${file.bytes - 1}/${file.bytes}` } : {};
    response.writeHead(from > 0 ? 206 : 200, { etag: '"1"', 'content-length': file.bytes - from, ...part });
    void this.#send(response, file, from);
  }

  async #send(response, { head, bytes, most }, from) {
    const zeros = Buffer.alloc(CHUNK_BYTES);
    let at = from;
    while (at < Math.min(bytes, most) && !response.destroyed) {
      const paced = Number.isFinite(this.bytesPerSecond);
      const beat = paced ? Math.ceil((this.bytesPerSecond * BEAT_MS) / 1000) : CHUNK_BYTES;
      const end = Math.min(bytes, most, at + beat);
      while (at < end && !response.destroyed) {
        const piece =
          at < head.length ? head.subarray(at, Math.min(end, head.length)) : zeros.subarray(0, end - at);
        at += piece.length;
        if (!response.write(piece)) await drained(response);
      }
      if (paced) await new Promise((go) => setTimeout(go, BEAT_MS));
    }
    if (at < bytes) response.destroy();
    else response.end();
  }
}

/** Resolves when more can be written, or nothing any more. */
function drained(response) {
  return new Promise((go) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      go();
    };
    response.on('drain', done).on('close', done);
  });
}

/** What a graph of `bytes` bytes begins with; zeros follow. */
function filledUp(graph, bytes) {
  for (let width = 1; width <= 5; width += 1) {
    const rest = bytes - graph.length - 1 - width;
    const varint = varintOf(rest);
    if (rest >= 0 && varint.length === width)
      return Buffer.concat([graph, Buffer.from([DOC_STRING_TAG, ...varint])]);
  }
  return graph;
}

function varintOf(value) {
  const digits = [];
  for (let rest = value; ; rest = Math.floor(rest / 128)) {
    digits.push((rest % 128) + (rest >= 128 ? 128 : 0));
    if (rest < 128) return digits;
  }
}
