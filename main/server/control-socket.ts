import { createBirpc } from 'birpc';
import * as v from 'valibot';
import type { WebSocket } from 'ws';
import { CommandEnvelopeSchema } from '../../contract/commands';
import { ENGINES, EngineRunSchema } from '../../contract/engine';
import { StudioError, toStudioError } from '../../contract/errors';
import { IdSchema } from '../../contract/project';
import {
  FILE_PURPOSES,
  type InterfaceFunctions,
  type Result,
  type StudioFunctions,
} from '../../contract/rpc';
import { readWebAddress } from '../../contract/web-address';
import type { Studio } from '../studio/studio';
import { describeIssues } from '../studio/project-file';
import type { StudioVerbs } from '../studio/verbs';

const MAX_BUFFERED_BYTES = 1 << 20;

const path = v.pipe(v.string(), v.minLength(1), v.maxLength(4096));
const engineName = v.picklist(ENGINES);
const modelId = v.pipe(v.string(), v.minLength(1), v.maxLength(64));
const key = v.pipe(v.string(), v.maxLength(4096));

/**
 * Serves one interface connection: birpc calls in, snapshots out. Every argument is
 * checked by its schema before anything happens; a malformed message changes nothing.
 * Snapshots of one turn of the event loop are sent as one.
 */
export function serveControl(socket: WebSocket, studio: Studio, verbs: StudioVerbs): void {
  let subscribed = false;
  let scheduled = false;
  let stopModels: (() => void) | null = null;

  const functions: StudioFunctions = {
    subscribe: () =>
      answerWith(() => {
        subscribed = true;
        return studio.state;
      }),
    command: (envelope) =>
      answerWith(() => ({ version: studio.command(check(CommandEnvelopeSchema, envelope, 'command')) })),
    setStreamKey: (destinationId, value) =>
      answerWith(() =>
        verbs.setStreamKey(check(IdSchema, destinationId, 'destination'), check(key, value, 'key')),
      ),
    setObsPassword: (password) => answerWith(() => verbs.setObsPassword(check(key, password, 'password'))),
    engineRun: (engine) => answerWith(() => verbs.engineRun(check(engineName, engine, 'engine'))),
    setEngineRun: (engine, run) =>
      answerWith(() =>
        verbs.setEngineRun(check(engineName, engine, 'engine'), check(EngineRunSchema, run, 'choice')),
      ),
    setEngineToken: (engine, token) =>
      answerWith(() => verbs.setEngineToken(check(engineName, engine, 'engine'), check(key, token, 'token'))),
    chooseFile: (purpose) =>
      answerWith(() => verbs.chooseFile(check(v.picklist(FILE_PURPOSES), purpose, 'purpose'))),
    openExternal: (address) => answerWith(() => verbs.openExternal(webAddress(address))),
    listProjects: () => answerWith(() => verbs.listProjects()),
    openProject: (file) => answerWith(() => verbs.openProject(check(path, file, 'path'))),
    saveProjectAs: (file) => answerWith(() => verbs.saveProjectAs(check(path, file, 'path'))),
    addMedia: (file) => answerWith(() => verbs.addMedia(check(path, file, 'path'))),
    watchModels: () =>
      answerWith(() => {
        stopModels ??= verbs.models.onChange((shelf) => {
          if (socket.readyState === socket.OPEN && socket.bufferedAmount < MAX_BUFFERED_BYTES)
            void rpc.models(shelf);
        });
        return verbs.models.shelf();
      }),
    downloadModel: (id, acceptLicence) =>
      modelAnswer(id, (model) =>
        verbs.models.download(model, check(v.boolean(), acceptLicence, 'agreement')),
      ),
    pauseModel: (id) => modelAnswer(id, (model) => verbs.models.pause(model)),
    cancelModel: (id) => modelAnswer(id, (model) => verbs.models.cancel(model)),
    deleteModel: (id) => modelAnswer(id, (model) => verbs.models.delete(model)),
    verifyModel: (id) => modelAnswer(id, (model) => verbs.models.verify(model)),
    importModels: (file, id) =>
      answerWith(() =>
        verbs.models.import(check(path, file, 'path'), check(v.nullable(modelId), id, 'model')),
      ),
    measureMachine: () =>
      answerWith(async () => {
        await verbs.models.measure();
        return null;
      }),
    probeCameras: () => answerWith(() => verbs.probeCameras()),
    revealRecording: () => answerWith(() => verbs.revealRecording()),
    dismissNotice: (noticeKey) =>
      answerWith(() => {
        studio.dismiss(check(v.string(), noticeKey, 'notice'));
        return null;
      }),
  };

  const rpc = createBirpc<InterfaceFunctions, StudioFunctions>(functions, {
    post: (text: string) => socket.send(text),
    on: (receive) => {
      socket.on('message', (data, isBinary) => {
        if (!isBinary) receive(data.toString());
      });
    },
    serialize: (message) => JSON.stringify(message),
    deserialize: (text: string) => parseMessage(text),
    eventNames: ['state', 'models'],
    resolver: (name, method) => (Object.hasOwn(functions, name) ? method : undefined),
    onGeneralError: () => true,
    onFunctionError: () => true,
  });

  const sendState = (): void => {
    scheduled = false;
    if (socket.readyState !== socket.OPEN) return;
    if (socket.bufferedAmount > MAX_BUFFERED_BYTES) {
      // A slow reader gets the newest snapshot later instead of every one.
      scheduled = true;
      setTimeout(sendState, 100).unref();
      return;
    }
    void rpc.state(studio.state);
  };
  const stopListening = studio.onState(() => {
    if (!subscribed || scheduled) return;
    scheduled = true;
    setImmediate(sendState);
  });
  socket.on('close', () => {
    stopListening();
    stopModels?.();
    rpc.$close();
  });
}

const CallSchema = v.object({
  t: v.literal('q'),
  m: v.pipe(v.string(), v.maxLength(64)),
  a: v.pipe(v.array(v.unknown()), v.maxLength(8)),
  i: v.optional(v.pipe(v.string(), v.maxLength(64))),
});

/** A response to a call that was never made: birpc ignores it. */
const NOTHING = { t: 's', i: '' };

/** Lets well-formed calls through; everything else turns into a message without effect. */
function parseMessage(text: string): unknown {
  try {
    const call = v.safeParse(CallSchema, JSON.parse(text));
    return call.success ? call.output : NOTHING;
  } catch {
    return NOTHING;
  }
}

function check<S extends v.GenericSchema>(schema: S, value: unknown, what: string): v.InferOutput<S> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  throw new StudioError(
    'server',
    'message.invalid',
    `The ${what} is malformed: ${describeIssues(result.issues)}`,
  );
}

/** Only what a browser may be sent to leaves the studio. */
function webAddress(text: unknown): string {
  const address = readWebAddress(check(v.string(), text, 'address'));
  if (address !== null) return address;
  const message = `An address to open must begin with https:// and have no password, got "${text}".`;
  throw new StudioError('server', 'argument.invalid', message.slice(0, 2000));
}

/** Does something to one model. */
function modelAnswer(id: unknown, work: (model: string) => Promise<void>): Promise<Result<null>> {
  return answerWith(async () => {
    await work(check(modelId, id, 'model'));
    return null;
  });
}

async function answerWith<T>(work: () => T | Promise<T>): Promise<Result<T>> {
  try {
    return { ok: true, value: await work() };
  } catch (error) {
    return { ok: false, error: toStudioError(error, 'server').toShape() };
  }
}
