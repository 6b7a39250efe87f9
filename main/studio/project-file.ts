import { copyFile, mkdir, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import * as v from 'valibot';
import writeFileAtomic from 'write-file-atomic';
import { StudioError } from '../../contract/errors';
import { PROJECT_VERSION, ProjectSchema, type Project } from '../../contract/project';
import { allLayers } from './edit';

/**
 * Reads and checks a project file.
 * @throws StudioError `project.newer` for a later version, `project.unreadable` for
 * anything else that is not a project; the file itself is left as it is.
 */
export async function readProject(file: string): Promise<Project> {
  let raw: unknown;
  try {
    raw = JSON.parse(await readFile(file, 'utf8'));
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') {
      throw unreadable(`There is no project file "${file}".`, cause);
    }
    throw unreadable(`The project "${file}" is not a JSON file that can be read.`, cause);
  }
  return parseProject(raw, file);
}

/** Checks a project from anywhere: its version, its schema, and that all ids lead somewhere. */
export function parseProject(raw: unknown, name: string): Project {
  const version = (raw as { version?: unknown } | null)?.version;
  if (typeof version === 'number' && version > PROJECT_VERSION) {
    throw new StudioError(
      'studio',
      'project.newer',
      `The project "${name}" has version ${version}; this Fantascope reads up to ${PROJECT_VERSION}. Update Fantascope to open it.`,
    );
  }
  const result = v.safeParse(ProjectSchema, raw);
  if (!result.success) {
    throw unreadable(`The project "${name}" is malformed: ${describeIssues(result.issues)}`);
  }
  requireSound(result.output, name);
  return result.output;
}

/** The first few schema issues in words, each with its place. */
export function describeIssues(issues: readonly v.BaseIssue<unknown>[]): string {
  return issues
    .slice(0, 3)
    .map((issue) => `${v.getDotPath(issue) ?? 'value'}: ${issue.message}`)
    .join('; ');
}

function requireSound(project: Project, name: string): void {
  const layers = allLayers(project);
  const layerIds = new Set(layers.map((layer) => layer.id));
  const mediaIds = new Set(project.media.map((media) => media.id));
  for (const [kind, items] of Object.entries({
    scene: project.scenes,
    layer: layers,
    strip: project.strips,
    media: project.media,
    destination: project.destinations,
  })) {
    const ids = items.map((item) => item.id);
    const twice = ids.find((id, index) => ids.indexOf(id) !== index);
    if (twice) throw unreadable(`The project "${name}" has two ${kind}s with the id "${twice}".`);
  }
  if (!project.scenes.some((scene) => scene.id === project.activeSceneId)) {
    throw unreadable(`The project "${name}" has no scene "${project.activeSceneId}" to put on air.`);
  }
  for (const { source, name: layerName } of layers) {
    if ('mediaId' in source && !mediaIds.has(source.mediaId)) {
      throw unreadable(
        `Layer "${layerName}" of "${name}" refers to media "${source.mediaId}", which is not listed.`,
      );
    }
  }
  for (const { source, name: stripName } of project.strips) {
    const dangling =
      (source.kind === 'layer' && !layerIds.has(source.layerId)) ||
      (source.kind === 'file' && !mediaIds.has(source.mediaId));
    if (dangling)
      throw unreadable(`Strip "${stripName}" of "${name}" refers to something that is not there.`);
  }
}

/**
 * Writes a project atomically; the file it replaces stays beside it as `.bak`.
 * @throws StudioError `project.write-failed`
 */
export async function writeProject(file: string, project: Project): Promise<void> {
  try {
    await mkdir(dirname(file), { recursive: true });
    await copyFile(file, `${file}.bak`).catch(ignoreMissing);
    await writeFileAtomic(file, `${JSON.stringify(project, null, 2)}\n`);
  } catch (cause) {
    throw new StudioError('studio', 'project.write-failed', `The project could not be saved to "${file}".`, {
      cause,
    });
  }
}

/** Moves a file that could not be read out of the way, so that nothing is written over it. */
export async function keepAside(file: string, nowMs: number): Promise<string> {
  const aside = `${file}.unreadable-${nowMs}`;
  await rename(file, aside);
  return aside;
}

function unreadable(message: string, cause?: unknown): StudioError {
  return new StudioError('studio', 'project.unreadable', message, cause === undefined ? {} : { cause });
}

function ignoreMissing(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ENOENT') throw error;
}
