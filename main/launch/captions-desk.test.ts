import { beforeEach, describe, expect, it } from 'vitest';
import type { CaptionUpdate } from '../../contract/captions';
import type { LiveState } from '../../contract/live';
import { idleState } from '../../contract/testing/idle-state';
import type { Studio } from '../studio/studio';
import { CaptionsDesk } from './captions-desk';

/** A studio that is only its state. */
class StateOnly {
  state: LiveState = idleState();
  #listener = (_state: LiveState, _previous: LiveState) => {};

  onState(listener: (state: LiveState, previous: LiveState) => void): () => void {
    this.#listener = listener;
    return () => (this.#listener = () => {});
  }
  update(patch: Partial<LiveState>): void {
    const previous = this.state;
    this.state = { ...previous, ...patch, version: previous.version + 1 };
    this.#listener(this.state, previous);
  }
}

function heard(from: number, text: string, epoch: number): CaptionUpdate {
  const word = { text, startUs: 0, endUs: 1000, confidence: 1, state: 'confirmed' as const, begins: false };
  return { streamId: 0, epoch, from, words: [word], heardUs: 1000 };
}

describe('CaptionsDesk', () => {
  let studio: StateOnly;
  let desk: CaptionsDesk;
  beforeEach(() => {
    studio = new StateOnly();
    desk = new CaptionsDesk(studio as unknown as Studio, () => 5000);
    const { project } = studio.state;
    studio.update({
      project: { ...project, captions: { ...project.captions, enabled: true, stripId: null } },
    });
  });
  const engine = (state: LiveState['engines']['captions']['state']) => {
    const { engines } = studio.state;
    studio.update({ engines: { ...engines, captions: { ...engines.captions, state } } });
  };
  const texts = () => studio.state.captions.words.map((word) => word.text);

  it('keeps the newest words, with how late they came', () => {
    const { epoch } = studio.state.captions;
    for (let i = 0; i < 60; i++) expect(desk.heard(heard(i, `w${i}`, epoch))).toBe(true);
    expect(texts()).toEqual(Array.from({ length: 40 }, (_, i) => `w${20 + i}`));
    expect(studio.state.captions.latencyMs).toEqual({ p50: 4, p95: 4, n: 60 });
    expect(desk.heard(heard(3, 'old', epoch))).toBe(false);
    expect(desk.heard(heard(60, 'stale', epoch - 1))).toBe(false);
  });

  it('an engine that starts again counts from 0 in a new epoch, and is heard', () => {
    engine('starting');
    const { epoch } = studio.state.captions;
    engine('ready');
    for (let i = 0; i < 60; i++) desk.heard(heard(i, `w${i}`, epoch));
    engine('restarting');
    engine('starting');
    const after = studio.state.captions;
    expect(after).toMatchObject({ epoch: epoch + 1, words: [] });
    expect(after.controlVersion).toBeGreaterThan(0);
    engine('ready');
    expect(studio.state.captions.epoch).toBe(epoch + 1);
    expect(desk.heard(heard(0, 'again', epoch + 1))).toBe(true);
    expect(texts()).toEqual(['again']);
  });
});
