import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { SUBPROTOCOL, TOKEN_PREFIX } from '../../contract/rpc';

/** Who may come in: the page of one origin that knows this launch's token. */
export type Door = { origin: string; token: string };

/** Whether the request was made to our own loopback name; a rebound DNS name is not. */
export function isOwnHost(request: IncomingMessage, door: Door): boolean {
  return `http://${request.headers.host}` === door.origin;
}

/**
 * Why a WebSocket upgrade is refused, or null when it may come in: the Host and the
 * Origin must be ours and the second subprotocol must carry the token.
 */
export function refuseSocket(request: IncomingMessage, door: Door): string | null {
  if (!isOwnHost(request, door)) return 'unknown host';
  if (request.headers.origin !== door.origin) return 'unknown origin';
  const [protocol, token] = (request.headers['sec-websocket-protocol'] ?? '').split(',').map((p) => p.trim());
  if (protocol !== SUBPROTOCOL) return 'unknown protocol';
  if (!token?.startsWith(TOKEN_PREFIX)) return 'no token';
  return sameSecret(token.slice(TOKEN_PREFIX.length), door.token) ? null : 'wrong token';
}

/** Why an HTTP request that changes something is refused, or null. */
export function refusePost(request: IncomingMessage, door: Door): string | null {
  if (!isOwnHost(request, door)) return 'unknown host';
  if (request.headers.origin !== door.origin) return 'unknown origin';
  const token = request.headers.authorization?.replace(/^Bearer /, '') ?? '';
  return sameSecret(token, door.token) ? null : 'wrong token';
}

function sameSecret(given: string, expected: string): boolean {
  const a = Buffer.from(given);
  const b = Buffer.from(expected);
  return a.length === b.length && timingSafeEqual(a, b);
}
