import { projectFileStem } from '../../../contract/project';

/** The folder of a path of either kind of separator; empty when it has none. */
export function folderOf(path: string): string {
  const end = Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\'));
  if (end < 0) return '';
  // "/" and "C:\" keep their separator: without it they would mean another folder.
  const isRoot = end === 0 || /^[A-Za-z]:$/.test(path.slice(0, end));
  return path.slice(0, isRoot ? end + 1 : end);
}

/** Where a project of this name lies in a folder; the separator is the folder's own kind. */
export function projectFileIn(folder: string, projectName: string): string {
  const place = folder.trim();
  const separator = place.includes('\\') && !place.includes('/') ? '\\' : '/';
  const gap = place === '' || place.endsWith(separator) ? '' : separator;
  return `${place}${gap}${projectFileStem(projectName)}.json`;
}
