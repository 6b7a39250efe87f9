import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import pino, { type Logger } from 'pino';
import { redact } from '../outputs/redact';

/** A day's log file under `userDataDir/logs`; every line passes the redactor first. */
export function openLog(userDataDir: string): { log: Logger; close(): void } {
  const folder = join(userDataDir, 'logs');
  mkdirSync(folder, { recursive: true });
  const file = join(folder, `${new Date().toISOString().slice(0, 10)}.log`);
  const destination = pino.destination({ dest: file, sync: false });
  // A full disk must not take the programme down with the log.
  destination.on('error', () => {});
  const log = pino({ base: { pid: process.pid }, hooks: { streamWrite: redact } }, destination);
  return { log, close: () => destination.end() };
}
