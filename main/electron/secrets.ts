import { safeStorage } from 'electron';
import { sessionSecrets } from '../studio/session-secrets';
import type { SecretStore } from '../studio/shell';
import { readSecretFile, writeSecretFile, type SecretValues } from './secret-file';

/**
 * Keys encrypted by the system's keychain in `file`. Where Linux has no keyring Electron
 * would "encrypt" with a password that everyone knows: then keys last for this session only.
 * Call after `ready`.
 */
export async function openSecrets(file: string): Promise<SecretStore> {
  if (process.platform === 'linux') {
    const backend = safeStorage.getSelectedStorageBackend();
    if (backend === 'basic_text' || backend === 'unknown') return sessionSecrets();
  }
  if (!(await safeStorage.isAsyncEncryptionAvailable())) return sessionSecrets();
  return createFileStore(file);
}

function createFileStore(file: string): SecretStore {
  // one at a time, so that two changes at once do not lose each other
  let last: Promise<unknown> = Promise.resolve();
  function inOrder<T>(work: () => Promise<T>): Promise<T> {
    const result = last.then(work, work);
    last = result.catch(() => undefined);
    return result;
  }
  async function change(edit: (values: SecretValues) => void): Promise<void> {
    const values = await readSecretFile(file);
    edit(values);
    await writeSecretFile(file, values);
  }
  async function encrypt(value: string): Promise<string> {
    return (await safeStorage.encryptStringAsync(value)).toString('base64');
  }
  return {
    kind: 'os',
    get: (name) =>
      inOrder(async () => {
        const sealed = (await readSecretFile(file))[name];
        if (sealed === undefined) return null;
        const { result, shouldReEncrypt } = await safeStorage.decryptStringAsync(
          Buffer.from(sealed, 'base64'),
        );
        if (shouldReEncrypt) {
          const fresh = await encrypt(result);
          await change((values) => (values[name] = fresh));
        }
        return result;
      }),
    set: (name, value) =>
      inOrder(async () => {
        const sealed = await encrypt(value);
        await change((values) => (values[name] = sealed));
      }),
    delete: (name) => inOrder(() => change((values) => delete values[name])),
  };
}
