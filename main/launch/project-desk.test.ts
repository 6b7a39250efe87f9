import { mkdir, mkdtemp, readFile, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyProject, type Project } from '../../contract/project';
import { readProject, writeProject } from '../studio/project-file';
import {
  freshProjectFile,
  listProjects,
  meantPath,
  meantProjectFile,
  recentProjects,
} from '../studio/project-list';
import { Autosave } from '../studio/project-store';
import { Studio } from '../studio/studio';
import { ProjectDesk } from './project-desk';

let dir: string;
let stops: (() => Promise<void>)[];
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'fantascope-projects-'));
  stops = [];
});
afterEach(async () => {
  for (const stop of stops) await stop();
  await rm(dir, { recursive: true, force: true });
});

/** A studio with its files; nothing but the outputs is left out. */
function desk(name = 'First') {
  const nothing = () => {};
  const studio: Studio = new Studio({
    project: emptyProject(name),
    projectFile: join(dir, 'projects', 'untitled.json'),
    shell: { kind: 'browser', secretStore: 'session' },
    ffmpeg: true,
    nowUs: () => 0,
    freshProjectFile: (wanted) => freshProjectFile(dir, wanted, studio.state.projectFile),
    actions: {
      startRecording: nothing,
      pauseRecording: nothing,
      resumeRecording: nothing,
      stopRecording: nothing,
      startLive: nothing,
      stopLive: nothing,
      startObs: () => {},
      stopObs: () => {},
      startCamera: () => {},
      stopCamera: () => {},
      restartEngine: nothing,
    },
  });
  const autosave = new Autosave(studio);
  const lines: string[] = [];
  const projects = new ProjectDesk({ studio, autosave, userDataDir: dir, onLog: (line) => lines.push(line) });
  stops.push(
    () => autosave.stop(),
    () => projects.stop(),
  );
  const rename = (to: string) =>
    studio.command({ command: { type: 'project.rename', name: to }, inputUs: 0 });
  const begin = (called: string) =>
    studio.command({ command: { type: 'project.new', name: called }, inputUs: 0 });
  return { studio, autosave, projects, rename, begin, lines };
}

describe('a new project', () => {
  it('has a file of its own, and what was not saved of the one before goes to the file before', async () => {
    const { studio, autosave, rename, begin } = desk();
    const before = studio.state.projectFile;
    rename('Evening');
    begin('Untitled');
    expect(studio.state.projectFile).not.toBe(before);
    expect(studio.state.canUndo).toBeNull();
    rename('Morning');
    await autosave.save();
    expect((await readProject(before)).name).toBe('Evening');
    expect((await readProject(studio.state.projectFile)).name).toBe('Morning');
  });

  it('never takes the name of a file that is there, nor of the open one that is not written yet', async () => {
    const { studio, begin } = desk('Untitled');
    await writeProject(join(dir, 'projects', 'untitled-2.json'), emptyProject('kept'));
    begin('Untitled');
    expect(studio.state.projectFile).toBe(join(dir, 'projects', 'untitled-3.json'));
    begin('Ärger & Co: "Nacht"/1');
    expect(studio.state.projectFile).toBe(join(dir, 'projects', 'ärger-co-nacht-1.json'));
  });

  it('is refused on air, and the old one stays', () => {
    const { studio, begin } = desk();
    studio.update({ onAir: true });
    const before = studio.state;
    expect(() => begin('x')).toThrow(/on air.*Stop all outputs/);
    expect(studio.state).toBe(before);
  });
});

describe('opening', () => {
  it('saves the present project first and remembers the opened one', async () => {
    const { studio, projects, rename } = desk();
    const before = studio.state.projectFile;
    const other = join(dir, 'other.json');
    await writeProject(other, emptyProject('Other'));
    rename('Evening');
    await projects.open(other);
    expect(studio.state).toMatchObject({ projectFile: other, project: { name: 'Other' } });
    expect((await readProject(before)).name).toBe('Evening');
    await projects.stop();
    expect(await recentProjects(dir)).toEqual([other, before]);
  });

  it('takes the last edits of a project that is opened over itself', async () => {
    const { studio, projects, rename } = desk();
    rename('Evening');
    await projects.open(studio.state.projectFile);
    expect(studio.state.project.name).toBe('Evening');
  });

  it.each([
    ['that is not there', null, 'project.unreadable', /There is no project file/],
    ['that is no project', '{"version":1}', 'project.unreadable', /malformed/],
    [
      'of a newer version',
      JSON.stringify({ ...emptyProject(), version: 9 }),
      'project.newer',
      /Update Fantascope/,
    ],
  ])(
    'refuses a file %s in words and leaves it and the open project as they are',
    async (_, text, code, words) => {
      const { studio, projects } = desk();
      const file = join(dir, 'x.json');
      if (text !== null) await writeFile(file, text);
      const before = studio.state.project;
      await expect(projects.open(file)).rejects.toMatchObject({
        code,
        message: expect.stringMatching(words),
      });
      expect(studio.state.project).toBe(before);
      if (text !== null) expect(await readFile(file, 'utf8')).toBe(text);
    },
  );

  it('is refused on air', async () => {
    const { studio, projects } = desk();
    await writeProject(join(dir, 'other.json'), emptyProject('Other'));
    studio.update({ onAir: true });
    await expect(projects.open(join(dir, 'other.json'))).rejects.toMatchObject({ code: 'air.refused' });
    expect(studio.state.project.name).toBe('First');
  });
});

describe('saving under another name', () => {
  it('goes on in the new file and leaves the one before as it was', async () => {
    const { studio, autosave, projects, rename } = desk();
    const before = studio.state.projectFile;
    rename('Evening');
    await projects.saveAs('copy');
    rename('Night');
    await autosave.save();
    expect(studio.state.projectFile).toBe(join(dir, 'projects', 'copy.json'));
    expect((await readProject(before)).name).toBe('Evening');
    expect((await readProject(studio.state.projectFile)).name).toBe('Night');
  });

  it('never writes over another project', async () => {
    const { studio, projects } = desk();
    const other = join(dir, 'other.json');
    await writeProject(other, emptyProject('Other'));
    const before = studio.state;
    await expect(projects.saveAs(other)).rejects.toMatchObject({ code: 'argument.invalid' });
    expect((await readProject(other)).name).toBe('Other');
    expect(studio.state).toBe(before);
  });

  it('stays with the old file when the new one cannot be written', async () => {
    const { studio, projects } = desk();
    await writeFile(join(dir, 'file'), '');
    const before = studio.state.projectFile;
    await expect(projects.saveAs(join(dir, 'file', 'x.json'))).rejects.toMatchObject({
      code: 'project.write-failed',
    });
    expect(studio.state.projectFile).toBe(before);
  });
});

describe('the list of projects', () => {
  it('has the own folder and the recent ones, newest first, and nothing else', async () => {
    const { projects } = desk();
    const put = async (file: string, value: unknown, ageS: number) => {
      await mkdir(join(file, '..'), { recursive: true });
      await writeFile(file, typeof value === 'string' ? value : JSON.stringify(value));
      const when = new Date(Date.now() - ageS * 1000);
      await utimes(file, when, when);
    };
    const away: Project = emptyProject('Away');
    await put(join(dir, 'away.json'), away, 10);
    await put(join(dir, 'projects', 'old.json'), emptyProject('Old'), 500);
    await put(join(dir, 'projects', 'new.json'), emptyProject('New'), 1);
    await put(join(dir, 'projects', 'new.json.bak'), emptyProject('Backup'), 1);
    await put(join(dir, 'projects', 'broken.json'), '{', 1);
    await projects.open(join(dir, 'away.json'));
    await projects.stop();
    const listed = await listProjects(dir);
    expect(listed.folder).toBe(join(dir, 'projects'));
    expect(listed.projects.map((one) => one.name)).toEqual(['New', 'Away', 'Old']);
    expect(await readdir(join(dir, 'projects'))).toContain('broken.json');
  });

  it('is empty on a fresh machine', async () => {
    expect((await listProjects(join(dir, 'none'))).projects).toEqual([]);
  });
});

describe('a path that a person types', () => {
  it('may begin at home or in the folder of projects, and gets its ending', () => {
    expect(meantPath(dir, ' ~/show.json ')).toBe(join(homedir(), 'show.json'));
    expect(meantPath(dir, 'show.json')).toBe(join(dir, 'projects', 'show.json'));
    expect(meantProjectFile(dir, '/a/show')).toMatch(/show\.json$/);
    expect(meantProjectFile(dir, '/a/show.JSON')).toMatch(/show\.JSON$/);
  });
});
