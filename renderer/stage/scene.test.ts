import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { LiveState } from '../../contract/live';
import { emptyProject, FULL_FRAME, type Layer } from '../../contract/project';
import { idleState } from '../../contract/testing/idle-state';
import type { LayerCondition } from '../../contract/stage';
import { Scene } from './scene';

let nowUs: number;
let requests: number;
let told: LayerCondition[];
let scene: Scene;

function film(): Layer {
  return {
    id: 'film',
    name: 'film',
    source: { kind: 'film', mediaId: 'm', loop: true },
    visible: true,
    locked: false,
    transform: FULL_FRAME,
    opacity: 1,
    blend: 'normal',
    engine: null,
  };
}

function snapshot(layers: Layer[]): LiveState {
  const project = emptyProject();
  project.scenes = [{ id: 'scene-1', name: 'Scene 1', layers }];
  project.activeSceneId = 'scene-1';
  return idleState({ project });
}

async function tick(): Promise<void> {
  scene.items(nowUs);
  scene.drawn();
  await new Promise((resolve) => setTimeout(resolve, 1));
  scene.drawn();
}

beforeEach(() => {
  nowUs = 1e6;
  requests = 0;
  told = [];
  vi.stubGlobal('fetch', () => {
    requests += 1;
    return Promise.resolve(new Response(null, { status: 404 }));
  });
  scene = new Scene({
    httpOrigin: 'http://studio',
    token: 'token',
    nowUs: () => nowUs,
    conditionChanged: (condition) => told.push(condition),
    failed: (error) => expect.unreachable(String(error)),
  });
});

afterEach(() => {
  scene.dispose();
  vi.unstubAllGlobals();
});

const codes = () => told.map(({ condition, error }) => error?.code ?? condition);

describe('scene', () => {
  it('opens a film that failed again every 5 s, without a new snapshot and without blinking', async () => {
    scene.update(snapshot([film()]));
    await tick();
    expect(codes()).toEqual(['waiting', 'media.missing']);
    nowUs += 4_900_000;
    await tick();
    expect(requests).toBe(1);
    nowUs += 200_000;
    await tick();
    expect(requests).toBe(2);
    nowUs += 5_100_000;
    await tick();
    expect(requests).toBe(3);
    expect(codes()).toEqual(['waiting', 'media.missing']);
  });

  it('tells a condition once, and all again to somebody new', async () => {
    scene.update(snapshot([film()]));
    await tick();
    await tick();
    expect(told).toHaveLength(2);
    scene.retell();
    await tick();
    expect(codes()).toEqual(['waiting', 'media.missing', 'media.missing']);
  });

  it('tells that all is well with a layer that is gone', async () => {
    scene.update(snapshot([film()]));
    await tick();
    scene.update(snapshot([]));
    expect(told.at(-1)).toEqual({ layerId: 'film', condition: 'ok', error: null });
    const count = told.length;
    await tick();
    expect(told).toHaveLength(count);
  });
});
