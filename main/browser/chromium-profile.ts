import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import writeFileAtomic from 'write-file-atomic';

/** Chromium's value for "allow" in content settings. */
const ALLOW = 1;
/** Content settings the studio's origin needs: no prompt can be answered in a headless window. */
const GRANTED = ['media_stream_camera', 'media_stream_mic', 'midi_sysex', 'clipboard'];

type Json = { [key: string]: Json | string | number | boolean | null };

/**
 * Writes the studio's permissions into a Chromium profile before it starts. The
 * command-line switch that accepts every request leaves `enumerateDevices` without
 * labels; a stored permission does not.
 */
export async function grantInProfile(profileDir: string, origin: string): Promise<void> {
  const file = join(profileDir, 'Default', 'Preferences');
  const preferences = await readPreferences(file);
  const profile = child(preferences, 'profile');
  const exceptions = child(child(profile, 'content_settings'), 'exceptions');
  for (const setting of GRANTED) {
    child(exceptions, setting)[`${origin},*`] = { setting: ALLOW, last_modified: '13300000000000000' };
  }
  // A killed window must come back as it was, without a "restore pages?" bubble.
  profile.exit_type = 'Normal';
  profile.exited_cleanly = true;
  await mkdir(join(profileDir, 'Default'), { recursive: true });
  await writeFileAtomic(file, JSON.stringify(preferences));
}

async function readPreferences(file: string): Promise<Json> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Json;
  } catch {
    // Missing or damaged: Chromium itself would start from nothing as well.
    return {};
  }
}

function child(parent: Json, key: string): Json {
  const present = parent[key];
  if (typeof present === 'object' && present !== null) return present;
  const made: Json = {};
  parent[key] = made;
  return made;
}
