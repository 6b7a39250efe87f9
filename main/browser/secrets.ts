import { sessionSecrets } from '../studio/session-secrets';
import type { SecretStore } from '../studio/shell';

const SERVICE = 'Fantascope';
/** A keyring that waits for a password nobody types must not keep the studio from starting. */
const PROBE_MS = 3000;

/** The system's keyring, or a store for this session when none answers. */
export async function openSecrets(): Promise<SecretStore> {
  try {
    const { AsyncEntry } = await import('@napi-rs/keyring');
    const probe = new AsyncEntry(SERVICE, 'probe');
    const signal = AbortSignal.timeout(PROBE_MS);
    await probe.setPassword('probe', signal);
    await probe.deletePassword(signal);
    return {
      kind: 'os',
      get: async (name) => (await new AsyncEntry(SERVICE, name).getPassword()) ?? null,
      set: (name, value) => new AsyncEntry(SERVICE, name).setPassword(value),
      delete: async (name) => {
        await new AsyncEntry(SERVICE, name).deletePassword();
      },
    };
  } catch {
    // No Secret Service on this machine, or a locked one: keys are asked again next time.
    return sessionSecrets();
  }
}
