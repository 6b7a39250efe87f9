import { expect, test } from 'vitest';
import { QuitGuard } from './quit-guard';

function guardWith({ isOnAir = false, answer = Promise.resolve(false), stop = Promise.resolve() }) {
  const calls: string[] = [];
  const guard = new QuitGuard({
    isOnAir: () => isOnAir,
    confirm: () => {
      calls.push('confirm');
      return answer;
    },
    stop: () => {
      calls.push('stop');
      return stop;
    },
    exit: () => calls.push('exit'),
  });
  return { guard, calls };
}

test('off air, quitting stops the studio and then exits, without a question', async () => {
  const { guard, calls } = guardWith({});
  await guard.request();
  expect(calls).toEqual(['stop', 'exit']);
  expect(guard.mayQuit).toBe(true);
});

test('on air, "no" leaves everything running and can be asked again', async () => {
  const { guard, calls } = guardWith({ isOnAir: true });
  await guard.request();
  await guard.request();
  expect(calls).toEqual(['confirm', 'confirm']);
  expect(guard.mayQuit).toBe(false);
});

test('on air, "yes" stops and exits', async () => {
  const { guard, calls } = guardWith({ isOnAir: true, answer: Promise.resolve(true) });
  await guard.request();
  expect(calls).toEqual(['confirm', 'stop', 'exit']);
});

test('a dialog that fails counts as "no"', async () => {
  const { guard, calls } = guardWith({ isOnAir: true, answer: Promise.reject(new Error('no display')) });
  await guard.request();
  expect(calls).toEqual(['confirm']);
});

test('a second wish to quit while the question stands asks no second question', async () => {
  const { guard, calls } = guardWith({ isOnAir: true, answer: new Promise<boolean>(() => {}) });
  void guard.request();
  await guard.request();
  expect(calls).toEqual(['confirm']);
});

test('a system shutdown stops without asking, also while the question stands', async () => {
  const { guard, calls } = guardWith({ isOnAir: true, answer: new Promise<boolean>(() => {}) });
  void guard.request();
  await guard.now();
  expect(calls).toEqual(['confirm', 'stop', 'exit']);
});

test('a "no" that comes after a system shutdown began does not undo it', async () => {
  let answer: (isConfirmed: boolean) => void = () => {};
  const { guard, calls } = guardWith({
    isOnAir: true,
    answer: new Promise<boolean>((resolve) => (answer = resolve)),
  });
  const asked = guard.request();
  await guard.now();
  answer(false);
  await asked;
  await guard.request();
  expect(guard.mayQuit).toBe(true);
  expect(calls).toEqual(['confirm', 'stop', 'exit']);
});

test('a studio that fails to stop does not keep the application alive', async () => {
  const { guard, calls } = guardWith({ stop: Promise.reject(new Error('disk full')) });
  await guard.request();
  expect(calls).toEqual(['stop', 'exit']);
});

test('quitting twice stops once', async () => {
  const { guard, calls } = guardWith({});
  await Promise.all([guard.request(), guard.request(), guard.now()]);
  expect(calls).toEqual(['stop', 'exit']);
});
