import type { Contract } from '../model-contract';
import { dryRun } from './dry-run';
import { proveFiles, type FilesProof } from './prove-files';

/**
 * Proves that a model is what its contract says: first by what its files say of themselves, then by
 * one run of each graph on small seeded inputs. For an engine process or a process of its own: it loads
 * every graph, one after the other, and blocks while they run.
 * @param files absolute paths by role; roles that the contract calls optional may be left out.
 * @param threads threads within one operator.
 * @throws StudioError `model.missing`, `model.corrupt` or `model.contract`: what was expected, what
 * was found, what to do.
 */
export async function proveModel(
  contract: Contract,
  files: ReadonlyMap<string, string>,
  threads = 1,
): Promise<FilesProof> {
  const proof = proveFiles(contract, files);
  for (const graph of proof.graphs) await dryRun(graph, proof.sizes, threads);
  return proof;
}
