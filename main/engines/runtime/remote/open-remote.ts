import type { EngineInit } from '../../../../contract/engine';
import { StudioError } from '../../../../contract/errors';
import { GrpcClient } from './grpc-client';
import { RemoteLink } from './remote-link';
import { RestClient } from './rest-client';

const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\])$/;

/**
 * The link to a model server, by what its address begins with.
 * @throws StudioError `argument.invalid` when a token would cross a network that anyone can read.
 */
export function openRemote(remote: NonNullable<EngineInit['remote']>, model: string): RemoteLink {
  const { url, token } = remote;
  const { protocol, hostname } = new URL(url);
  if (token && !['https:', 'grpcs:'].includes(protocol) && !LOOPBACK.test(hostname)) {
    const message = `The token of a model server must be sent with TLS, got ${url}; begin its address with grpcs:// or https://.`;
    throw new StudioError('engine', 'argument.invalid', message);
  }
  const client = protocol.startsWith('grpc') ? new GrpcClient(remote) : new RestClient(remote);
  return new RemoteLink(client, url, model);
}
