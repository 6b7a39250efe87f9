import { afterEach, beforeEach, expect, test } from 'vitest';
import type { CommandEnvelope } from '../../contract/commands';
import type { StudioErrorShape } from '../../contract/errors';
import type { LiveState } from '../../contract/live';
import { emptyProject } from '../../contract/project';
import type { StudioFunctions } from '../../contract/rpc';
import type { CommandResult } from './command-queue';
import { retryDelayMs, type ControlLink, type LinkListener } from './control-link';
import { Session } from './session.svelte';

let listener: LinkListener;
let sent: { envelope: CommandEnvelope; answer: (result: CommandResult) => void }[];
let errors: StudioErrorShape[];
let closed: number;
let session: Session;

function snapshot(version: number, masterDb: number): LiveState {
  return { version, project: { ...emptyProject(), masterDb } } as LiveState;
}

function linkOf(): ControlLink {
  const studio = {
    command: (envelope: CommandEnvelope) =>
      new Promise<CommandResult>((answer) => sent.push({ envelope, answer })),
  } as unknown as StudioFunctions;
  return { studio, open: (to) => void (listener = to), close: () => void (closed += 1) };
}

beforeEach(() => {
  sent = [];
  errors = [];
  closed = 0;
  session = new Session({ link: linkOf(), programmeUs: () => 42, onError: (error) => errors.push(error) });
  session.open();
  listener.onState(snapshot(1, 0));
});

afterEach(() => session.dispose());

test('a change is shown before main has answered and stamped with its input time', () => {
  void session.command({ type: 'master.update', gainDb: -6 });
  expect(session.state?.project.masterDb).toBe(-6);
  expect(session.confirmed?.project.masterDb).toBe(0);
  expect(sent[0]?.envelope.inputUs).toBe(42);
});

test('a change that comes late after its input event is stamped with the event', () => {
  session.dispose();
  session = new Session({ link: linkOf(), programmeUs: () => 60e6, onError: (error) => errors.push(error) });
  session.open();
  const inputMs = performance.now() - 120;
  void session.command({ type: 'master.update', gainDb: -6 }, inputMs);
  const lateUs = 60e6 - sent[0]!.envelope.inputUs;
  expect(lateUs).toBeGreaterThanOrEqual(120_000);
  expect(lateUs).toBeLessThanOrEqual((performance.now() - inputMs) * 1000);
});

test('a snapshot older than the change does not make the control jump back', async () => {
  const done = session.command({ type: 'master.update', gainDb: -6 });
  listener.onState(snapshot(2, 0));
  expect(session.state?.project.masterDb).toBe(-6);
  sent[0]!.answer({ ok: true, value: { version: 3 } });
  await done;
  listener.onState(snapshot(2, 0));
  expect(session.state?.project.masterDb).toBe(-6);
  listener.onState(snapshot(3, -6.5));
  expect(session.state?.project.masterDb).toBe(-6.5);
});

test('while a control is dragged the newest value stays shown through older answers', async () => {
  const first = session.command({ type: 'master.update', gainDb: -1 });
  void session.command({ type: 'master.update', gainDb: -2 });
  sent[0]!.answer({ ok: true, value: { version: 2 } });
  await first;
  listener.onState(snapshot(2, -1));
  expect(session.state?.project.masterDb).toBe(-2);
});

test('a refused change is taken back and reported', async () => {
  const error: StudioErrorShape = { origin: 'studio', code: 'argument.invalid', message: 'No.' };
  const done = session.command({ type: 'master.update', gainDb: -9 });
  sent[0]!.answer({ ok: false, error });
  await done;
  expect(session.state?.project.masterDb).toBe(0);
  expect(errors).toEqual([error]);
});

test('each return of the link is told, and so are the models', () => {
  const told: string[] = [];
  session.dispose();
  session = new Session({
    link: linkOf(),
    programmeUs: () => 0,
    onError: (error) => errors.push(error),
    onModels: (shelf) => told.push(shelf.folder),
    onOnline: () => told.push('online'),
  });
  session.open();
  listener.onLink('online');
  listener.onLink('reconnecting');
  listener.onModels({ models: [], folder: '/models', usedBytes: 0, freeBytes: 0, referenceMs: null });
  listener.onLink('online');
  expect(told).toEqual(['online', '/models', 'online']);
});

test('closing the session closes its link', () => {
  session.dispose();
  expect(closed).toBe(1);
});

test('retries slow down to a ceiling', () => {
  expect([0, 1, 2, 3, 4, 5, 90].map(retryDelayMs)).toEqual([250, 500, 1000, 2000, 4000, 4000, 4000]);
});
