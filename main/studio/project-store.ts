import { join, resolve } from 'node:path';
import { StudioError, toStudioError, type StudioErrorShape } from '../../contract/errors';
import { emptyProject, type Project } from '../../contract/project';
import { keepAside, readProject, writeProject } from './project-file';
import { projectsFolder, recentProjects } from './project-list';
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
  const path = file ? resolve(file) : ((await recentProjects(userDataDir))[0] ?? defaultFile(userDataDir));
  if (given) return { project: given, file: path, problem: null };
  try {
    return { project: await readProject(path), file: path, problem: null };
  } catch (error) {
    const problem = toStudioError(error, 'studio');
    if (isMissing(problem)) return { project: emptyProject(), file: path, problem: null };
    if (problem.code === 'project.newer') {
      return {
        project: emptyProject(),
        file: join(projectsFolder(userDataDir), `new-${Date.now()}.json`),
        problem: problem.toShape(),
      };
    }
    return reopenOlder(path, problem);
  }
}

/** Puts the unreadable file aside and goes on with the version before it, else with a new project. */
async function reopenOlder(path: string, problem: StudioError): Promise<OpenedProject> {
  const aside = await keepAside(path, Date.now());
  const older = await readProject(`${path}.bak`).catch(() => null);
  if (!older) await keepAside(`${path}.bak`, Date.now()).catch(() => null);
  const opened = older ? ' The version before it was opened.' : '';
  const message = `${problem.message} It was kept as "${aside}".${opened}`;
  const told = new StudioError('studio', problem.code, message, { cause: problem.cause });
  return { project: older ?? emptyProject(), file: path, problem: told.toShape() };
}

/**
 * Saves the open project a second after its last change, and at once when asked. When
 * another project takes its place, what was not saved yet still goes to its own file.
 */
export class Autosave {
  private readonly studio: Studio;
  private timer: NodeJS.Timeout | null = null;
  private saved: Project;
  private writing: Promise<void> = Promise.resolve();
  private readonly stopListening: () => void;

  constructor(studio: Studio) {
    this.studio = studio;
    this.saved = studio.state.project;
    this.stopListening = studio.onState((state, previous) => {
      if (state.projectFile !== previous.projectFile && previous.project !== this.saved) {
        void this.write(previous.projectFile, previous.project);
      }
      if (state.project !== this.saved) this.timer ??= setTimeout(() => void this.save(), AUTOSAVE_MS);
    });
  }

  /** Counts a project as saved: it has just been read from its file or written to it. */
  markSaved(project: Project = this.studio.state.project): void {
    this.saved = project;
  }

  /** Writes the project if it changed; a failure becomes a notice and is tried again at the next change. */
  save(): Promise<void> {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
    const { project, projectFile } = this.studio.state;
    return project === this.saved ? this.writing : this.write(projectFile, project);
  }

  async stop(): Promise<void> {
    this.stopListening();
    await this.save();
  }

  private write(file: string, project: Project): Promise<void> {
    this.writing = this.writing.then(async () => {
      try {
        await writeProject(file, project);
        if (this.studio.state.projectFile === file) this.saved = project;
        this.studio.dismiss('project-save');
      } catch (error) {
        this.studio.notify('project-save', toStudioError(error, 'studio', 'project.write-failed').toShape());
      }
    });
    return this.writing;
  }
}

function defaultFile(userDataDir: string): string {
  return join(projectsFolder(userDataDir), 'untitled.json');
}

function isMissing(error: StudioError): boolean {
  return (error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT';
}
