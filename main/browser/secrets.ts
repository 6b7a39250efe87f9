import { sessionSecrets } from '../studio/session-secrets';
import type { SecretStore } from '../studio/shell';

const SERVICE = 'Fantascope';

/** The system's keyring, or a store for this session when none answers. */
export async function openSecrets(): Promise<SecretStore> {
  try {
    const { AsyncEntry } = await import('@napi-rs/keyring');
    const probe = new AsyncEntry(SERVICE, 'probe');
    await probe.setPassword('probe');
    await probe.deletePassword();
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
