import { existsSync } from 'node:fs';
import { StudioError } from '../../contract/errors';
import type { ProjectList } from '../../contract/rpc';
import { readProject, writeProject } from '../studio/project-file';
import { listProjects, meantPath, meantProjectFile, rememberProject } from '../studio/project-list';
import type { Autosave } from '../studio/project-store';
import type { Studio } from '../studio/studio';

export type ProjectDeskOptions = {
  studio: Studio;
  autosave: Autosave;
  userDataDir: string;
  /** Hears that the list of recent projects could not be kept. */
  onLog: (line: string) => void;
};

/** Opens projects, saves them under another name, and remembers which file was open last. */
export class ProjectDesk {
  private readonly studio: Studio;
  private readonly autosave: Autosave;
  private readonly userDataDir: string;
  private readonly onLog: (line: string) => void;
  private readonly stopListening: () => void;
  private remembering: Promise<void> = Promise.resolve();

  constructor(options: ProjectDeskOptions) {
    this.studio = options.studio;
    this.autosave = options.autosave;
    this.userDataDir = options.userDataDir;
    this.onLog = options.onLog;
    this.remember(this.studio.state.projectFile);
    this.stopListening = this.studio.onState((state, previous) => {
      if (state.projectFile !== previous.projectFile) this.remember(state.projectFile);
    });
  }

  /** The projects there are, newest first. */
  list(): Promise<ProjectList> {
    return listProjects(this.userDataDir);
  }

  /**
   * Opens a project file in place of the present project, which is saved first.
   * @throws StudioError when the file cannot be read, is of a newer version, or while on air
   */
  async open(path: string): Promise<void> {
    const file = meantPath(this.userDataDir, path);
    await this.autosave.save();
    const project = await readProject(file);
    this.studio.openProject(project, file);
    this.autosave.markSaved();
  }

  /**
   * Writes the project to a new file and goes on there; the file before stays as it is.
   * @throws StudioError `argument.invalid` when another file is there already,
   * `project.write-failed` when it cannot be written
   */
  async saveAs(path: string): Promise<void> {
    const file = meantProjectFile(this.userDataDir, path);
    if (file !== this.studio.state.projectFile && existsSync(file)) {
      throw new StudioError(
        'studio',
        'argument.invalid',
        `A project is saved to a new file, but there is already a file "${file}". Choose another name.`,
      );
    }
    await this.autosave.save();
    const { project } = this.studio.state;
    await writeProject(file, project);
    this.autosave.markSaved(project);
    this.studio.update({ projectFile: file });
  }

  /** Stops listening; what is to be remembered is written. */
  async stop(): Promise<void> {
    this.stopListening();
    await this.remembering;
  }

  private remember(file: string): void {
    this.remembering = this.remembering
      .then(() => rememberProject(this.userDataDir, file))
      .catch((error: Error) => this.onLog(`The project could not be remembered: ${error.message}`));
  }
}
