import { StudioError } from '../../contract/errors';
import type { Destination } from '../../contract/project';
import type { OutputProtocol } from './ffmpeg';

/** Time SRT keeps to repair losses, in microseconds, where the address does not say. */
const SRT_LATENCY_US = 200_000;
const SRT_CONNECT_TIMEOUT_MS = 5_000;
/** SRT's own limits on a passphrase. */
const PASSPHRASE_LENGTH = { least: 10, most: 79 };

/** A checked address with its key, ready for ffmpeg's argument list and nothing else. */
export type OutputTarget = {
  /** Contains the key: never log it. */
  url: string;
  protocol: OutputProtocol;
  /** Muxer for this protocol. */
  format: 'flv' | 'mpegts';
  /** What of it must be struck out of every text. */
  secrets: readonly string[];
};

/**
 * Joins address and stream key. RTMP: the key is the last part of the path. SRT: the key is the
 * stream id, or query parameters such as `streamid=…&passphrase=…`; `latency` in the address is
 * in microseconds, as ffmpeg counts.
 * @throws StudioError `destination.invalid` for an address that cannot be used,
 * `destination.key-missing` where RTMP has no stream name; neither message contains the key.
 */
export function outputTarget(destination: Pick<Destination, 'protocol' | 'url'>, key: string): OutputTarget {
  const url = parse(destination.url);
  const scheme = url.protocol.slice(0, -1);
  const allowed: readonly string[] = destination.protocol === 'srt' ? ['srt'] : ['rtmp', 'rtmps'];
  if (!allowed.includes(scheme)) {
    throw invalid(`must begin with ${allowed.map((name) => `${name}://`).join(' or ')}, got "${scheme}://"`);
  }
  if (url.hostname === '') throw invalid('must name a server, for example rtmp://live.example.org/app');
  if (/[\s\u0000-\u001f\u007f]/.test(key)) {
    throw new StudioError(
      'output',
      'destination.key-missing',
      'A stream key must not contain spaces; paste it again.',
    );
  }
  return destination.protocol === 'srt'
    ? srtTarget(url, key)
    : rtmpTarget(url, scheme as 'rtmp' | 'rtmps', key);
}

function rtmpTarget(url: URL, protocol: 'rtmp' | 'rtmps', key: string): OutputTarget {
  const address = url.href.replace(/\/+$/, '');
  const parts = url.pathname.split('/').filter((part) => part !== '');
  if (parts.length === 0) throw invalid('must name an application, for example rtmp://live.example.org/app');
  if (key === '' && parts.length < 2) {
    throw new StudioError(
      'output',
      'destination.key-missing',
      'An RTMP address without a stream name needs a stream key.',
    );
  }
  const full = key === '' ? address : `${address}/${key.replace(/^\/+/, '')}`;
  return { url: full, protocol, format: 'flv', secrets: secretsOf(url, key) };
}

function srtTarget(url: URL, key: string): OutputTarget {
  if (url.port === '') throw invalid('must name a port, for example srt://live.example.org:9000');
  const query = new URLSearchParams(url.search);
  const isQuery = /(^|[?&])(passphrase|streamid)=/.test(key);
  const fromKey = new URLSearchParams(isQuery ? key : '');
  for (const [name, value] of fromKey) query.set(name, value);
  if (key !== '' && !isQuery) query.set('streamid', key);
  const defaults = {
    mode: 'caller',
    latency: SRT_LATENCY_US,
    connect_timeout: SRT_CONNECT_TIMEOUT_MS,
    pkt_size: 1316,
  };
  for (const [name, value] of Object.entries(defaults)) if (!query.has(name)) query.set(name, String(value));
  const latency = Number(query.get('latency'));
  if (!Number.isInteger(latency) || latency < 0 || latency > 60_000_000) {
    throw invalid(`must have a latency of 0 to 60000000 microseconds, got "${query.get('latency')}"`);
  }
  const { length } = query.get('passphrase') ?? '0123456789';
  if (length < PASSPHRASE_LENGTH.least || length > PASSPHRASE_LENGTH.most) {
    throw invalid(`must have a passphrase of 10 to 79 characters, got ${length}`);
  }
  // ffmpeg reads these values undecoded but for %xx, so a space must not become "+".
  const text = [...query].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  return {
    url: `srt://${url.host}${url.pathname === '/' ? '' : url.pathname}?${text}`,
    protocol: 'srt',
    format: 'mpegts',
    secrets: [...secretsOf(url, key), ...fromKey.values()],
  };
}

function secretsOf(url: URL, key: string): string[] {
  const query = new URLSearchParams(url.search);
  return [key, url.password, query.get('passphrase') ?? '', query.get('streamid') ?? ''].filter(
    (text) => text !== '',
  );
}

function parse(text: string): URL {
  try {
    return new URL(text.trim());
  } catch (error) {
    if (error instanceof TypeError)
      throw invalid('must be a complete address, for example rtmp://live.example.org/app');
    throw error;
  }
}

function invalid(rule: string): StudioError {
  return new StudioError('output', 'destination.invalid', `The destination address ${rule}.`);
}
