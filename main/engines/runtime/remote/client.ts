import { StudioError, type ErrorCode } from '../../../../contract/errors';
import type { Tensors } from '../session/backend';

/** Where a model server is, what lets us in, and the certificate it is known by, PEM. */
export type RemoteAddress = { url: string; token?: string | undefined; ca?: string | undefined };

/** A tensor as a server describes it; free lengths are −1. */
export type RemoteTensor = { name: string; datatype: string; shape: number[] };

/**
 * A server of the Open Inference Protocol, however it is spoken to. Every call ends within
 * `timeoutMs` and rejects with a StudioError: `remote.lost` when trying again can help,
 * `remote.refused` for a bad token, `remote.invalid` for answers against the protocol.
 */
export type InferenceClient = {
  ready(model: string, timeoutMs: number): Promise<boolean>;
  metadata(model: string, timeoutMs: number): Promise<{ inputs: RemoteTensor[]; outputs: RemoteTensor[] }>;
  infer(model: string, feeds: Tensors, outputs: readonly string[], timeoutMs: number): Promise<Tensors>;
  close(): void;
};

/** Answers are not read beyond this. */
export const MAX_ANSWER_BYTES = 256 * 1024 * 1024;

type RemoteCode = Extract<ErrorCode, `remote.${string}`>;

/** Makes the errors of one server; whatever it says itself, the token is struck out of it. */
export function remoteErrors({ url, token }: RemoteAddress) {
  return (code: RemoteCode, rule: string, found: string): StudioError => {
    const told = token ? found.replaceAll(token, '‹token›') : found;
    const message = `The model server ${url} must ${rule}; ${told.slice(0, 500)}.`;
    return new StudioError('engine', code, message);
  };
}
/** How `remoteErrors` words what went wrong. */
export type RemoteErrors = ReturnType<typeof remoteErrors>;
