import * as v from 'valibot';
import { describe, expect, it } from 'vitest';
import type { Command } from '../../contract/commands';
import { StudioError } from '../../contract/errors';
import { IdSchema, PROJECT_LIMITS, ProjectSchema } from '../../contract/project';
import { animatedLayer, testStudio, textLayer } from './testing';

function setup() {
  const made = testStudio();
  const run = (command: Command, inputUs = 0) => made.studio.command({ command, inputUs });
  return { ...made, run };
}

describe('Studio', () => {
  it('raises the version with every command and leaves older snapshots as they were', () => {
    const { studio, run } = setup();
    const before = studio.state;
    const version = run({ type: 'project.rename', name: 'Night' });
    expect(version).toBe(before.version + 1);
    expect(before.project.name).toBe('Untitled');
    expect(studio.state.project.name).toBe('Night');
  });

  it('refuses a command that refers to nothing and changes nothing', () => {
    const { studio, run } = setup();
    const before = studio.state;
    expect(() => run({ type: 'layer.remove', layerId: 'ghost' })).toThrow(StudioError);
    expect(() => run({ type: 'engine.update', layerId: 'ghost', patch: { seed: 1 } })).toThrow(/ghost/);
    expect(studio.state).toBe(before);
  });

  it('makes one undo step of a slider storm and another of a later edit', () => {
    const { studio, run, time } = setup();
    run({ type: 'layer.add', sceneId: 'scene-1', layer: textLayer('a') });
    for (let i = 1; i <= 50; i++) {
      time.ms += 16;
      run({ type: 'layer.update', layerId: 'a', patch: { opacity: 1 - i / 100 } });
    }
    time.ms += 5000;
    run({ type: 'layer.update', layerId: 'a', patch: { opacity: 0.1 } });
    const opacity = () => studio.state.project.scenes[0]!.layers[0]?.opacity;
    run({ type: 'history.undo' });
    expect(opacity()).toBe(0.5);
    run({ type: 'history.undo' });
    expect(opacity()).toBe(1);
    run({ type: 'history.redo' });
    expect(opacity()).toBe(0.5);
    run({ type: 'history.undo' });
    run({ type: 'history.undo' });
    expect(opacity()).toBeUndefined();
    expect(() => run({ type: 'history.undo' })).toThrow(/nothing to undo/);
  });

  it('a prompt that fades in raises the version and not the epoch; steps are heard, too', () => {
    const { studio, run } = setup();
    run({ type: 'layer.add', sceneId: 'scene-1', layer: animatedLayer('a') });
    const live = () => studio.state.layers['a']!;
    const { epoch } = live();
    run({ type: 'engine.update', layerId: 'a', patch: { fade: { ms: 500, easing: 'smooth' } } });
    for (const patch of [{ prompt: 'neon' }, { steps: 2 }, { negative: 'fog' }]) {
      const version = run({ type: 'engine.update', layerId: 'a', patch });
      expect(live()).toMatchObject({ epoch, controlVersion: version });
    }
  });

  it('raises the epoch at a prompt or source change, not at a strength change', () => {
    const { studio, run } = setup();
    run({ type: 'layer.add', sceneId: 'scene-1', layer: animatedLayer('a') });
    const live = () => studio.state.layers['a']!;
    const first = live();
    const version = run({ type: 'engine.update', layerId: 'a', patch: { strength: 0.3 } }, 777);
    expect(live()).toMatchObject({ epoch: first.epoch, controlVersion: version, controlInputUs: 777 });
    run({ type: 'engine.update', layerId: 'a', patch: { prompt: 'neon' } });
    expect(live().epoch).toBe(first.epoch + 1);
    run({ type: 'engine.update', layerId: 'a', patch: { mix: 0.2 } });
    expect(live().controlVersion).toBe(version + 1);
    run({ type: 'layer.update', layerId: 'a', patch: { source: { kind: 'test-card', beep: false } } });
    expect(live().epoch).toBe(first.epoch + 2);
  });

  it('gives each layer a stream id of its own that outlives edits', () => {
    const { studio, run } = setup();
    run({ type: 'layer.add', sceneId: 'scene-1', layer: textLayer('a') });
    run({ type: 'layer.add', sceneId: 'scene-1', layer: textLayer('b') });
    const { a, b } = studio.state.layers;
    run({ type: 'layer.move', layerId: 'a', index: 1 });
    expect(studio.state.layers['a']!.streamId).toBe(a!.streamId);
    expect(a!.streamId).not.toBe(b!.streamId);
  });

  it('keeps film time while paused and goes on from there', () => {
    const { studio, run, time } = setup();
    run({ type: 'layer.add', sceneId: 'scene-1', layer: textLayer('a') });
    time.us = 3e6;
    run({ type: 'layer.pause', layerId: 'a', paused: true });
    expect(studio.state.layers['a']!.pausedAtUs).toBe(3e6);
    time.us = 10e6;
    run({ type: 'layer.pause', layerId: 'a', paused: false });
    expect(studio.state.layers['a']).toMatchObject({ pausedAtUs: null, originUs: 7e6 });
    run({ type: 'layer.seek', layerId: 'a', positionUs: 1e6 });
    expect(studio.state.layers['a']!.originUs).toBe(9e6);
  });

  it('does not change the picture size or the project while on air, not even by undo', () => {
    const { studio, run } = setup();
    const programme = { ...studio.state.project.programme, width: 1920, height: 1080 } as const;
    run({ type: 'programme.update', programme });
    studio.update({ onAir: true });
    expect(() => run({ type: 'history.undo' })).toThrow(/on air/);
    expect(studio.state.canUndo).toBe('change programme size');
    expect(() => run({ type: 'project.new', name: 'x' })).toThrow(/on air/);
    studio.update({ onAir: false });
    run({ type: 'history.undo' });
    expect(studio.state.project.programme.width).toBe(1280);
  });

  it('leaves the scene on air alone when undoing', () => {
    const { studio, run } = setup();
    run({ type: 'scene.add', sceneId: 's2', name: 'Two' });
    run({ type: 'layer.add', sceneId: 's2', layer: textLayer('a') });
    run({ type: 'scene.take', sceneId: 's2' });
    run({ type: 'history.undo' });
    expect(studio.state.project.activeSceneId).toBe('s2');
    run({ type: 'history.undo' });
    expect(studio.state.project.activeSceneId).toBe('scene-1');
  });

  it('refuses strips that lead nowhere and removes the strips of a removed layer', () => {
    const { studio, run } = setup();
    const strip = {
      id: 'm',
      name: 'm',
      source: { kind: 'layer', layerId: 'a' },
      gainDb: 0,
      muted: false,
      syncOffsetMs: 0,
      binaural: null,
    } as const;
    expect(() => run({ type: 'strip.add', strip })).toThrow(/"a"/);
    run({ type: 'layer.add', sceneId: 'scene-1', layer: textLayer('a') });
    run({ type: 'strip.add', strip });
    run({ type: 'layer.remove', layerId: 'a' });
    expect(studio.state.project.strips).toEqual([]);
  });

  it('never grows beyond what its file format holds', () => {
    const { studio, run } = setup();
    const add = (index: number) =>
      run({
        type: 'destination.add',
        destination: { id: `d${index}`, name: 'd', protocol: 'rtmp', url: '', audioBitrateKbps: 128 },
      });
    for (let index = 0; index < PROJECT_LIMITS.destinations; index++) add(index);
    expect(() => add(99)).toThrow(/at most 16 destinations/);
    expect(v.is(ProjectSchema, studio.state.project)).toBe(true);
  });

  it.each(['__proto__', 'toString', 'mix'])('refuses the id "%s"', (id) => {
    expect(v.is(IdSchema, id)).toBe(false);
  });

  it('replaces a notice with the same key and forgets a dismissed one', () => {
    const { studio } = setup();
    const error = new StudioError('engine', 'engine.crashed', 'one').toShape();
    studio.notify('engine', error);
    studio.notify('engine', { ...error, message: 'two' });
    expect(studio.state.notices.map((n) => n.error.message)).toEqual(['two']);
    studio.dismiss('engine');
    expect(studio.state.notices).toEqual([]);
  });
});
