import { mkdir, open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { StudioError } from '../../contract/errors';

/**
 * Makes sure that one studio at a time works on these user data. Returns the way to give
 * them up; a lock left by a process that is gone is taken over.
 * @throws StudioError `instance.second`
 */
export async function claimInstance(userDataDir: string): Promise<() => Promise<void>> {
  await mkdir(userDataDir, { recursive: true });
  const file = join(userDataDir, 'instance.lock');
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const handle = await open(file, 'wx');
      await handle.writeFile(String(process.pid));
      await handle.close();
      return () => rm(file, { force: true });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    const pid = Number(await readFile(file, 'utf8').catch(() => ''));
    if (pid !== process.pid && isAlive(pid)) break;
    await rm(file, { force: true });
  }
  throw new StudioError(
    'shell',
    'instance.second',
    'Fantascope is already running. Use its window, or end it first.',
  );
}

function isAlive(pid: number): boolean {
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
