import type { SecretStore } from './shell';

/** Keys that are forgotten at exit: what is left where the system has no keyring. */
export function sessionSecrets(): SecretStore {
  const values = new Map<string, string>();
  return {
    kind: 'session',
    get: (name) => Promise.resolve(values.get(name) ?? null),
    set: (name, value) => {
      values.set(name, value);
      return Promise.resolve();
    },
    delete: (name) => {
      values.delete(name);
      return Promise.resolve();
    },
  };
}
