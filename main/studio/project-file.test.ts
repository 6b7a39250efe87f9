import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StudioError } from '../../contract/errors';
import { emptyProject } from '../../contract/project';
import { hostileCopies } from '../../contract/testing/hostile';
import { parseProject, readProject, writeProject } from './project-file';
import { rememberProject } from './project-list';
import { Autosave, openFirstProject } from './project-store';
import { animatedLayer, testStudio, textLayer } from './testing';

let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fantascope-project-'));
});
afterEach(() => rm(dir, { recursive: true, force: true }));

describe('project file', () => {
  it('reads back what it wrote and keeps the version before as .bak', async () => {
    const file = join(dir, 'a.json');
    await writeProject(file, emptyProject('one'));
    await writeProject(file, emptyProject('two'));
    expect((await readProject(file)).name).toBe('two');
    expect(JSON.parse(await readFile(`${file}.bak`, 'utf8')).name).toBe('one');
  });

  it('refuses a newer version by its own code', () => {
    expect(() => parseProject({ ...emptyProject(), version: 99 }, 'x')).toThrow(
      expect.objectContaining({ code: 'project.newer' }),
    );
  });

  it.each([
    ['two layers with one id', [textLayer('a'), textLayer('a')]],
    ['a film that is not listed', [textLayer('a', { source: { kind: 'film', mediaId: 'm', loop: true } })]],
  ])('refuses %s', (_, layers) => {
    const project = emptyProject();
    project.scenes[0]!.layers = layers;
    expect(() => parseProject(project, 'x')).toThrow(expect.objectContaining({ code: 'project.unreadable' }));
  });

  it('answers any JSON with a project or an error of its own, never with anything else', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        try {
          parseProject(value, 'x');
        } catch (error) {
          expect(error).toBeInstanceOf(StudioError);
        }
      }),
      { numRuns: 10_000 },
    );
  });

  it('answers a damaged project with a project or an error of its own, never with anything else', () => {
    const project = emptyProject();
    project.media = [{ id: 'm', name: 'm', path: '/m.mp4' }];
    project.scenes[0]!.layers = [
      textLayer('a'),
      animatedLayer('b'),
      textLayer('c', { source: { kind: 'film', mediaId: 'm', loop: true } }),
    ];
    let taken = 0;
    fc.assert(
      fc.property(hostileCopies(project), (value) => {
        try {
          parseProject(value, 'x');
          taken += 1;
        } catch (error) {
          expect(error).toBeInstanceOf(StudioError);
        }
      }),
      { numRuns: 10_000 },
    );
    expect(taken).toBeGreaterThan(0);
  }, 60_000);

  it('keeps an unreadable file aside and never writes over it', async () => {
    const file = join(dir, 'broken.json');
    await writeFile(file, '{"version": 1, "name": ');
    const opened = await openFirstProject(dir, file);
    expect(opened.problem?.code).toBe('project.unreadable');
    const { studio } = testStudio(opened.project);
    studio.update({ projectFile: file });
    const autosave = new Autosave(studio);
    studio.command({ command: { type: 'project.rename', name: 'fresh' }, inputUs: 0 });
    await autosave.stop();
    const names = await readdir(dir);
    const aside = names.find((name) => name.includes('unreadable'))!;
    expect(await readFile(join(dir, aside), 'utf8')).toBe('{"version": 1, "name": ');
    expect((await readProject(file)).name).toBe('fresh');
  });

  it('goes on with the version before an unreadable one, and says so', async () => {
    const file = join(dir, 'mine.json');
    await writeProject(file, emptyProject('older'));
    await writeProject(file, emptyProject('newer'));
    await writeFile(file, 'cut o');
    const opened = await openFirstProject(dir, file);
    expect(opened.project.name).toBe('older');
    expect(opened.problem?.message).toContain('version before');
    expect((await readdir(dir)).some((name) => name.includes('unreadable'))).toBe(true);
  });

  it('leaves a newer project where it is and opens another beside it', async () => {
    const file = join(dir, 'newer.json');
    await writeFile(file, JSON.stringify({ ...emptyProject('future'), version: 2 }));
    const opened = await openFirstProject(dir, file);
    expect(opened.problem?.code).toBe('project.newer');
    expect(opened.file).not.toBe(file);
    expect(JSON.parse(await readFile(file, 'utf8')).name).toBe('future');
  });

  it('opens the last project again', async () => {
    const file = join(dir, 'mine.json');
    await writeProject(file, emptyProject('mine'));
    await rememberProject(dir, file);
    expect((await openFirstProject(dir, undefined)).project.name).toBe('mine');
  });

  it('says so when the folder cannot be written', async () => {
    await writeFile(join(dir, 'file'), '');
    await expect(writeProject(join(dir, 'file', 'x.json'), emptyProject())).rejects.toMatchObject({
      code: 'project.write-failed',
    });
  });
});
