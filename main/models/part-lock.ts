import { mkdir, open, readFile, rm, stat, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';

const BEAT_MS = 5000;
/** A lock that did not beat for so long belongs to nobody. */
const DEAD_MS = 30_000;

/**
 * Says to every process on this machine that a part is being written. The holder touches its lock
 * every 5 s; one whose process is gone, or that stopped beating, is taken over.
 * @returns how to let go of it; null while another holder lives.
 */
export async function lockPart(part: string): Promise<(() => Promise<void>) | null> {
  const path = `${part}.lock`;
  await mkdir(dirname(path), { recursive: true });
  if (!(await make(path)) && (!(await isDead(path)) || !(await takeOver(path)))) return null;
  const beat = setInterval(() => {
    const now = new Date();
    utimes(path, now, now).catch(() => {});
  }, BEAT_MS);
  beat.unref();
  return async () => {
    clearInterval(beat);
    await rm(path, { force: true });
  };
}

async function make(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function takeOver(path: string): Promise<boolean> {
  await rm(path, { force: true });
  return make(path);
}

async function isDead(path: string): Promise<boolean> {
  const [found, text] = await Promise.all([
    stat(path).catch(() => null),
    readFile(path, 'utf8').catch(() => ''),
  ]);
  if (!found || Date.now() - found.mtimeMs > DEAD_MS) return true;
  const pid = Number(text);
  // A lock without a number is being written at this moment.
  return Number.isInteger(pid) && pid > 0 && pid !== process.pid && !lives(pid);
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
