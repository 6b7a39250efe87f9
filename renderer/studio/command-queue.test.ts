import { expect, test } from 'vitest';
import type { Command, CommandEnvelope } from '../../contract/commands';
import { CommandQueue, commandKey, type CommandResult } from './command-queue';

const opacity = (value: number): Command => ({
  type: 'layer.update',
  layerId: 'a',
  patch: { opacity: value },
});
const envelope = (command: Command): CommandEnvelope => ({ command, inputUs: 0 });
const turn = () => new Promise((done) => setTimeout(done, 0));

function desk() {
  const sent: Command[] = [];
  const answers: ((result: CommandResult) => void)[] = [];
  const queue = new CommandQueue((one) => {
    sent.push(one.command);
    return new Promise((answer) => answers.push(answer));
  });
  return { sent, answers, queue };
}

test('while one value is on its way only the last of the rest is sent', async () => {
  const { sent, answers, queue } = desk();
  const results = [0.1, 0.2, 0.3, 0.4].map((value) => queue.push(envelope(opacity(value))));
  expect(sent).toEqual([opacity(0.1)]);
  answers[0]!({ ok: true, value: { version: 7 } });
  await turn();
  expect(sent).toEqual([opacity(0.1), opacity(0.4)]);
  answers[1]!({ ok: true, value: { version: 9 } });
  const versions = (await Promise.all(results)).map((result) => result.ok && result.value.version);
  expect(versions).toEqual([7, 9, 9, 9]);
});

test('different fields of one layer do not replace each other', () => {
  const { sent, queue } = desk();
  void queue.push(envelope(opacity(0.1)));
  void queue.push(envelope({ type: 'layer.update', layerId: 'a', patch: { visible: false } }));
  void queue.push(envelope({ type: 'layer.update', layerId: 'b', patch: { opacity: 0.5 } }));
  expect(sent).toHaveLength(3);
});

test('a command without a key pushes out what waits before it, so undo undoes what was seen', () => {
  const { sent, queue } = desk();
  void queue.push(envelope(opacity(0.1)));
  void queue.push(envelope(opacity(0.9)));
  void queue.push(envelope({ type: 'history.undo' }));
  expect(sent).toEqual([opacity(0.1), opacity(0.9), { type: 'history.undo' }]);
});

test('after a push-out, the next value still waits for all that is on its way', async () => {
  const { sent, answers, queue } = desk();
  void queue.push(envelope(opacity(0.1)));
  void queue.push(envelope(opacity(0.2)));
  void queue.push(envelope({ type: 'history.undo' }));
  void queue.push(envelope(opacity(0.3)));
  answers[0]!({ ok: true, value: { version: 1 } });
  await turn();
  expect(sent).toHaveLength(3);
  answers[1]!({ ok: true, value: { version: 2 } });
  await turn();
  expect(sent.at(-1)).toEqual(opacity(0.3));
});

test('a broken connection becomes an error value', async () => {
  const queue = new CommandQueue(() => Promise.reject(new Error('socket closed')));
  const result = await queue.push(envelope({ type: 'history.redo' }));
  expect(result).toMatchObject({ ok: false, error: { origin: 'ui', cause: 'Error: socket closed' } });
});

test('commands that must each arrive have no key', () => {
  expect(commandKey({ type: 'recording.start' })).toBeNull();
  expect(commandKey({ type: 'scene.take', sceneId: 's' })).toBeNull();
  expect(commandKey(opacity(1))).toBe('layer.update:a:opacity');
});
