import { expect, test } from 'vitest';
import { folderOf, projectFileIn } from './project-paths';

test.each([
  ['/home/me/shows/evening.json', '/home/me/shows'],
  ['/evening.json', '/'],
  ['C:\\Users\\me\\evening.json', 'C:\\Users\\me'],
  ['C:\\evening.json', 'C:\\'],
  ['evening.json', ''],
])('the folder of %s is %s', (path, folder) => expect(folderOf(path)).toBe(folder));

test('copies of a project with a long name have files of their own', () => {
  const long = 'The very long evening show of the travelling lantern players, second night';
  expect(projectFileIn('/a', `${long} 2`)).not.toBe(projectFileIn('/a', `${long} 3`));
  expect(projectFileIn('/a', long.repeat(9)).length).toBeLessThan(80);
});

test.each([
  ['/home/me', 'Evening show!', '/home/me/evening-show.json'],
  ['/', 'Evening', '/evening.json'],
  ['C:\\Users\\me', 'Ärger / Nacht', 'C:\\Users\\me\\ärger-nacht.json'],
  ['', '…', 'project.json'],
])('in %s the project %s lies at %s', (folder, name, path) => expect(projectFileIn(folder, name)).toBe(path));
