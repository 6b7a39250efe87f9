import { mkdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { StudioError, toStudioError, type StudioErrorShape } from '../../contract/errors';
import { emptyProject, type Project } from '../../contract/project';
import { keepAside, readProject, writeProject } from './project-file';
import type { Studio } from './studio';

const AUTOSAVE_MS = 1000;

export type OpenedProject = {
  project: Project;
  file: string;
  /** Why an older file was put aside, if one was. */
  problem: StudioErrorShape | null;
};

/**
 * Opens the project to begin with: the given file, else the last one, else a new one. A
 * file that cannot be read is kept aside under another name and never written over.
 */
export async function openFirstProject(
  userDataDir: string,
  file?: string,
  given?: Project,
): Promise<OpenedProject> {
  const path = file ? resolve(file) : ((await lastProject(userDataDir)) ?? defaultFile(userDataDir));
  if (given) return { project: given, file: path, problem: null };
  try {
    return { project: await readProject(path), file: path, problem: null };
  } catch (error) {
    const problem = toStudioError(error, 'studio');
    if (isMissing(problem)) return { project: emptyProject(), file: path, problem: null };
    if (problem.code === 'project.newer') {
      return {
        project: emptyProject(),
        file: join(userDataDir, 'projects', `new-${Date.now()}.json`),
        problem: problem.toShape(),
      };
    }
    const aside = await keepAside(path, Date.now());
    const told = new StudioError('studio', problem.code, `${problem.message} It was kept as "${aside}".`, {
      cause: problem.cause,
    });
    return { project: emptyProject(), file: path, problem: told.toShape() };
  }
}

/** Remembers which project to open at the next start. */
export async function rememberProject(userDataDir: string, file: string): Promise<void> {
  await mkdir(userDataDir, { recursive: true });
  await writeFileAtomic(join(userDataDir, 'last-project'), file);
}

/** Saves the open project a second after its last change, and at once when asked. */
export class Autosave {
  private readonly studio: Studio;
  private timer: NodeJS.Timeout | null = null;
  private saved: Project;
  private writing: Promise<void> = Promise.resolve();
  private readonly stopListening: () => void;

  constructor(studio: Studio) {
    this.studio = studio;
    this.saved = studio.state.project;
    this.stopListening = studio.onState((state) => {
      if (state.project !== this.saved) this.timer ??= setTimeout(() => void this.save(), AUTOSAVE_MS);
    });
  }

  /** Counts the present project as saved: it has just been read from its file. */
  markSaved(): void {
    this.saved = this.studio.state.project;
  }

  /** Writes the project if it changed; a failure becomes a notice and is tried again at the next change. */
  save(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const { project, projectFile } = this.studio.state;
    if (project === this.saved) return this.writing;
    this.writing = this.writing.then(async () => {
      try {
        await writeProject(projectFile, project);
        this.saved = project;
        this.studio.dismiss('project-save');
      } catch (error) {
        this.studio.notify('project-save', toStudioError(error, 'studio', 'project.write-failed').toShape());
      }
    });
    return this.writing;
  }

  /** Writes the project even if it did not change. */
  saveNow(): Promise<void> {
    this.saved = emptyProject();
    return this.save();
  }

  async stop(): Promise<void> {
    this.stopListening();
    await this.save();
  }
}

async function lastProject(userDataDir: string): Promise<string | null> {
  try {
    return (await readFile(join(userDataDir, 'last-project'), 'utf8')).trim() || null;
  } catch {
    return null; // First start.
  }
}

function defaultFile(userDataDir: string): string {
  return join(userDataDir, 'projects', 'untitled.json');
}

function isMissing(error: StudioError): boolean {
  return (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}
