import { request, type Dispatcher } from 'undici';
import { StudioError } from '../../contract/errors';
import { parseContentRange } from './content-range';
import { mayFetch } from './known-models';

const MOST_REDIRECTS = 5;
const HEADERS_MS = 30_000;
/** Answers after which the same address need not be asked again. */
const FINAL = new Set([400, 401, 403, 404, 405, 410, 451]);

/** A failure that says whether the same address may work at another time. */
export class FetchFailure extends StudioError {
  readonly isFinal: boolean;

  constructor(message: string, isFinal: boolean, cause?: unknown) {
    super('engine', 'model.download-failed', message.slice(0, 2000), cause === undefined ? {} : { cause });
    this.isFinal = isFinal;
  }
}

/** The rest of a file from some byte on, as a server sends it. */
export type HttpPart = {
  /** First byte of `body`; 0 when the server sends the whole file. */
  from: number;
  /** Size of the whole file; null when the server does not say. */
  total: number | null;
  /** Names this version of the file, when it is a strong one. */
  etag: string | null;
  body: Dispatcher.ResponseData['body'];
};

/**
 * Asks for a file from byte `from` on, which is honoured only while it is still the version `etag`.
 * Redirects are followed to where a file may be fetched from, and nowhere else.
 * @returns null when there is nothing after `from`.
 * @throws FetchFailure
 */
export async function requestPart(
  url: string,
  from: number,
  etag: string | null,
  { dispatcher, signal }: { dispatcher: Dispatcher; signal: AbortSignal },
): Promise<HttpPart | null> {
  const headers = {
    'accept-encoding': 'identity',
    ...(from > 0 ? { range: `bytes=${from}-`, ...(etag ? { 'if-range': etag } : {}) } : {}),
  };
  let address = url;
  for (let hop = 0; hop <= MOST_REDIRECTS; hop++) {
    const answer = await request(address, {
      dispatcher,
      signal,
      headers,
      headersTimeout: HEADERS_MS,
      // What comes too slowly is noticed by who reads it.
      bodyTimeout: 0,
    }).catch((cause: unknown) => {
      if (signal.aborted) throw cause;
      throw new FetchFailure(`${hostOf(address)} did not answer: ${wordsOf(cause)}.`, false, cause);
    });
    const { statusCode: status } = answer;
    if (status >= 300 && status < 400 && status !== 304) {
      const location = headerOf(answer, 'location');
      await answer.body.dump();
      if (!location || !URL.canParse(location, address))
        throw new FetchFailure(`${hostOf(address)} sends elsewhere without saying where.`, true);
      address = new URL(location, address).href;
      if (!mayFetch(address))
        throw new FetchFailure(
          `${hostOf(url)} sends on to an address that is not https: ${hostOf(address)}.`,
          true,
        );
      continue;
    }
    return await partOf(answer, address, from);
  }
  throw new FetchFailure(`${hostOf(url)} sends on more than ${MOST_REDIRECTS} times.`, true);
}

async function partOf(
  answer: Dispatcher.ResponseData,
  address: string,
  from: number,
): Promise<HttpPart | null> {
  const { statusCode: status, body } = answer;
  const etag = headerOf(answer, 'etag');
  const strong = etag && !etag.startsWith('W/') ? etag : null;
  if (status === 200)
    return { from: 0, total: numberOf(headerOf(answer, 'content-length')), etag: strong, body };
  const range = parseContentRange(headerOf(answer, 'content-range'));
  if (status === 206 && range?.from === from) return { from, total: range.total, etag: strong, body };
  await body.dump();
  if (status === 416 && range?.total === from) return null;
  if (status === 206 || status === 416)
    throw new FetchFailure(`${hostOf(address)} sent another part of the file than it was asked for.`, false);
  throw new FetchFailure(`${hostOf(address)} answered ${status}.`, FINAL.has(status));
}

/** What an error of the network says. */
export function wordsOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause);
  return cause.message || ('code' in cause ? String(cause.code) : cause.name);
}

/** The part of an address that may be shown: a query can hold secrets. */
export function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : 'The server';
}

function headerOf({ headers }: Dispatcher.ResponseData, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

function numberOf(text: string | null): number | null {
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : null;
}
