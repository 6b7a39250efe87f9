import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { StudioError } from '../../../../contract/errors';
import { readJson } from '../model-catalogue';
import { ContractSchema, describe, type Contract } from '../model-contract';
import { findFiles, proveFiles, type ProvedGraph } from './prove-files';
import { proveModel } from './prove-model';

const USAGE = 'Usage: npm run prove -- CONTRACT FOLDER [--headers]';
const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * The command `prove`: proves the model in a folder against a contract, and says in lines what it is.
 * @param args CONTRACT, a name or the path of a JSON file, FOLDER, and `--headers` to run nothing.
 * @param contractsDir where contracts are looked for by name.
 * @returns the exit status: 0 for a model that fits, 1 for one that does not, 2 for other words.
 */
export async function proveCommand(
  args: readonly string[],
  contractsDir: string,
  print: (line: string) => void,
): Promise<number> {
  const flags = args.filter((word) => word.startsWith('--'));
  const [name, folder, ...more] = args.filter((word) => !word.startsWith('--'));
  if (!name || !folder || more.length > 0 || flags.some((flag) => flag !== '--headers')) {
    print(USAGE);
    return 2;
  }
  const known = readdirSync(contractsDir).filter((file) => isContract(contractsDir, file));
  if (NAME.test(name) && !known.includes(`${name}.json`)) {
    const names = known.map((file) => file.slice(0, -'.json'.length)).join(', ');
    print(`CONTRACT must be the path of a JSON file or one of ${names}; got "${name}".`);
    return 2;
  }
  try {
    const path = NAME.test(name) ? join(contractsDir, `${name}.json`) : name;
    const contract: Contract = await readJson(path, ContractSchema, 'The contract');
    const files = findFiles(contract, folder);
    const headersOnly = flags.length > 0;
    const { graphs } = headersOnly ? proveFiles(contract, files) : await proveModel(contract, files);
    for (const graph of graphs) print(inWords(graph));
    const how = headersOnly ? 'by its headers; nothing was run' : 'by its headers and one run of each graph';
    print(`✔ The model in ${folder} fits the contract "${contract.contract}", ${how}.`);
    return 0;
  } catch (error) {
    if (!(error instanceof StudioError)) throw error;
    print(`✖ ${error.code}: ${error.message}`);
    return 1;
  }
}

/** Contracts have a document beside them; golden vectors have none. */
function isContract(folder: string, file: string): boolean {
  return file.endsWith('.json') && existsSync(join(folder, file.replace(/\.json$/, '.md')));
}

function inWords({ role, path, header, fit }: ProvedGraph): string {
  const list = (tensors: readonly { name: string; type: string; dims: readonly (number | string)[] }[]) =>
    tensors.map(describe).join(', ');
  const { inputs, outputs } = fit.spec;
  return `  ${role} (${path}, ${header.bytes} bytes, opset ${header.opset}): ${list(inputs)} → ${list(outputs)}`;
}
