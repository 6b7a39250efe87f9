import { proveCommand } from './prove-command';

// Started by scripts/prove-model.mjs with the folder of contracts and the words of its command line.
const [contractsDir = '', ...args] = process.argv.slice(2);
process.exitCode = await proveCommand(args, contractsDir, (line) => process.stdout.write(`${line}\n`));
