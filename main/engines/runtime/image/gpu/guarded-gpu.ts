import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { StudioError } from '../../../../../contract/errors';
import { GpuBackend } from './gpu-backend';
import { openDevice } from './open-device';

/**
 * Opens the GPU unless the engine's last process of this run died with it open: a driver that
 * ends its process would end every further one too [I13]. What remembers that is a file with
 * the process's id, which lies in `folder` as long as the device is open.
 * @param user the engine that asks
 * @throws StudioError `gpu.unavailable`
 */
export async function openGuardedGpu(
  user: string,
  folder = tmpdir(),
  open = openDevice,
): Promise<GpuBackend> {
  // All processes of a run have the same parent.
  const mark = join(folder, `fantascope-gpu-${user}-${process.ppid}`);
  const remove = takeMark(mark);
  try {
    return new GpuBackend(await open(), remove);
  } catch (error) {
    remove();
    throw error;
  }
}

/** @returns what takes it away again; nothing, where none can be made or a living process has it. */
function takeMark(mark: string): () => void {
  try {
    writeFileSync(mark, `${process.pid}`, { flag: 'wx', mode: 0o600 });
    return () => rmSync(mark, { force: true });
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code !== 'EEXIST' || isAlive(Number(readFileSync(mark, 'utf8')))) {
      return () => {};
    }
    const message =
      'Pictures are made on the CPU: the last process of this engine died while it used the graphics card.';
    throw new StudioError('engine', 'gpu.unavailable', message, { cause });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
