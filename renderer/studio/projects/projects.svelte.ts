import type { ProjectListing } from '../../../contract/rpc';
import { freeName } from '../model/new-items';
import type { Session } from '../session.svelte';

/** The projects of this machine's user, and the ways from one to another. Main saves the present one by itself. */
export class Projects {
  /** Newest first, as of the last {@link refresh}. */
  list: readonly ProjectListing[] = $state.raw([]);
  /** The studio's own folder for projects; empty until the first {@link refresh}. */
  folder = $state('');
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** Asks main which projects there are. */
  async refresh(): Promise<void> {
    const found = await this.#session.ask((main) => main.listProjects());
    if (!found) return;
    this.list = found.projects;
    this.folder = found.folder;
  }

  /** Begins an empty project in a file of its own. */
  async begin(): Promise<void> {
    await this.refresh();
    const taken = [...this.list.map((one) => one.name), this.#session.state?.project.name ?? ''];
    await this.#session.command({ type: 'project.new', name: freeName('Untitled', taken) });
  }

  /** Opens a project file. What speaks against it is reported. */
  async open(path: string): Promise<void> {
    await this.#session.ask((main) => main.openProject(path));
  }

  /** Lets the desktop shell choose a project file and opens it. */
  async browse(): Promise<void> {
    const path = await this.#session.ask((main) => main.chooseFile('project'));
    if (path) await this.open(path);
  }

  /** Goes on in a new file, under a new name if it differs. */
  async saveAs(path: string, name: string): Promise<void> {
    const saved = await this.#session.ask(async (main) => {
      const result = await main.saveProjectAs(path);
      return result.ok ? { ok: true as const, value: true } : result;
    });
    if (saved && name !== this.#session.state?.project.name) {
      await this.#session.command({ type: 'project.rename', name });
    }
  }
}
