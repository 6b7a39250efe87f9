import { existsSync } from 'node:fs';
import { mkdir, readFile, readdir, stat } from 'node:fs/promises';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { projectFileStem } from '../../contract/project';
import type { ProjectList, ProjectListing } from '../../contract/rpc';

const MOST_RECENT = 12;
const MOST_LISTED = 50;
/** A project is text; what is larger is no project and is not read to learn its name. */
const LARGEST_BYTES = 16 << 20;

/** The studio's own folder for projects. */
export function projectsFolder(userDataDir: string): string {
  return join(userDataDir, 'projects');
}

/** Remembers a project as the one to open at the next start, before those that were used earlier. */
export async function rememberProject(userDataDir: string, file: string): Promise<void> {
  const earlier = (await recentProjects(userDataDir)).filter((path) => path !== file);
  await mkdir(userDataDir, { recursive: true });
  const paths = [file, ...earlier].slice(0, MOST_RECENT);
  await writeFileAtomic(join(userDataDir, 'last-project'), `${paths.join('\n')}\n`);
}

/** Paths of the projects used lately, the last one first; some may be gone. */
export async function recentProjects(userDataDir: string): Promise<string[]> {
  try {
    const text = await readFile(join(userDataDir, 'last-project'), 'utf8');
    return text
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
  } catch {
    return []; // First start.
  }
}

/** The projects in the studio's folder and those used lately that still exist, newest first. */
export async function listProjects(userDataDir: string): Promise<ProjectList> {
  const folder = projectsFolder(userDataDir);
  const own = await readdir(folder).catch((): string[] => []);
  const paths = new Set([
    ...(await recentProjects(userDataDir)),
    ...own.filter((name) => name.endsWith('.json')).map((name) => join(folder, name)),
  ]);
  const found = await Promise.all([...paths].map(describeProject));
  const projects = found
    .filter((one) => one !== null)
    .sort((a, b) => b.modifiedMs - a.modifiedMs)
    .slice(0, MOST_LISTED);
  return { folder, projects };
}

/**
 * A path in the studio's folder after the project's name, which no file has yet and which is
 * not `taken`: the open project may not have been written so far.
 */
export function freshProjectFile(userDataDir: string, name: string, taken: string): string {
  const stem = projectFileStem(name);
  let file = join(projectsFolder(userDataDir), `${stem}.json`);
  for (let number = 2; existsSync(file) || file === taken; number += 1) {
    file = join(projectsFolder(userDataDir), `${stem}-${number}.json`);
  }
  return file;
}

/** The absolute path that a person means: `~/` is the home folder, relative begins in the studio's folder. */
export function meantPath(userDataDir: string, given: string): string {
  const path = given.trim().replace(/^~(?=[/\\])/, homedir());
  return resolve(projectsFolder(userDataDir), path);
}

/** As {@link meantPath}, for a file to be written: it ends in `.json`. */
export function meantProjectFile(userDataDir: string, given: string): string {
  const path = meantPath(userDataDir, given);
  return path.toLowerCase().endsWith('.json') ? path : `${path}.json`;
}

async function describeProject(path: string): Promise<ProjectListing | null> {
  try {
    const info = await stat(path);
    if (!info.isFile() || info.size > LARGEST_BYTES) return null;
    const { name } = JSON.parse(await readFile(path, 'utf8')) as { name?: unknown };
    return { path, name: typeof name === 'string' ? name : basename(path), modifiedMs: info.mtimeMs };
  } catch {
    // Gone, or not readable at all: opening it by its path says why.
    return null;
  }
}
