import { EventEmitter } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import type { FromEngine } from '../../../contract/engine';
import { openParentDoor } from './parent-door';

const words: FromEngine = { type: 'applied', streamId: 1, version: 2, unknownWords: [] };

afterEach(() => {
  Reflect.deleteProperty(process, 'parentPort');
});

it('speaks through Electron’s port where there is one, and unwraps its events', async () => {
  const port = Object.assign(new EventEmitter(), { postMessage: vi.fn() });
  Object.defineProperty(process, 'parentPort', { value: port, configurable: true });
  const door = openParentDoor();
  const heard: unknown[] = [];
  const gone = vi.fn();
  door.onMessage((message) => heard.push(message));
  door.onGone(gone);
  port.emit('message', { data: { type: 'stop' } });
  port.emit('close');
  await door.send(words);
  expect(heard).toEqual([{ type: 'stop' }]);
  expect(gone).toHaveBeenCalledTimes(1);
  expect(port.postMessage.mock.calls).toEqual([[words]]);
});

it('a process without a parent is refused with a reason', () => {
  const { send } = process;
  try {
    process.send = undefined;
    expect(() => openParentDoor()).toThrow('must be started by the studio');
  } finally {
    process.send = send;
  }
});
