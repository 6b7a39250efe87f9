import { expect, it } from 'vitest';
import { PromptFade } from './prompt-fade';

const A = Float32Array.of(0, 8);
const B = Float32Array.of(4, 0);
const C = Float32Array.of(-4, -8);

function fadeAt(prompt: Float32Array): PromptFade {
  const fade = new PromptFade(2);
  fade.jump(prompt);
  return fade;
}

it.each([0, 0.4, 1])('[G8] a blend of %f chunks is a cut with the next chunk', (chunks) => {
  const fade = fadeAt(A);
  fade.turnTo(B, chunks);
  expect([...fade.hidden]).toEqual([...A]);
  expect(fade.step()).toBe(true);
  expect([...fade.hidden]).toEqual([...B]);
  expect(fade.step()).toBe(false);
});

it('[G8] a blend moves in a straight line and is done once, at its end', () => {
  const fade = fadeAt(A);
  fade.turnTo(B, 4);
  const steps = Array.from({ length: 6 }, () => [fade.step(), ...fade.hidden]);
  expect(steps).toEqual([
    [false, 1, 6],
    [false, 2, 4],
    [false, 3, 2],
    [true, 4, 0],
    [false, 4, 0],
    [false, 4, 0],
  ]);
});

it('[G8] a blend that is no whole number of chunks is done within the next one', () => {
  const fade = fadeAt(A);
  fade.turnTo(B, 2.5);
  expect([fade.step(), fade.step(), fade.step()]).toEqual([false, false, true]);
});

it('[G8] a newer prompt goes on from where the older blend has got to', () => {
  const fade = fadeAt(A);
  fade.turnTo(B, 2);
  fade.step();
  fade.turnTo(C, 2);
  expect([...fade.hidden]).toEqual([2, 4]);
  fade.step();
  expect([...fade.hidden]).toEqual([-1, -2]);
  expect(fade.step()).toBe(true);
  expect([...fade.hidden]).toEqual([...C]);
});
