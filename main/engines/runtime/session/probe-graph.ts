import type { RunningProvider } from '../../../../contract/engine';
import { StudioError } from '../../../../contract/errors';
import type { OpenSession } from './backend';

/**
 * The smallest graph there is, `y = x + x` of one float: ModelProto{ir_version 8, graph{node Add,
 * name "g", input x, output y}, opset 17}, written out by hand.
 */
export const PROBE_GRAPH: Uint8Array = Uint8Array.from([
  ...[0x08, 0x08, 0x3a, 0x35],
  ...[0x0a, 0x0e, 0x0a, 0x01, 0x78, 0x0a, 0x01, 0x78, 0x12, 0x01, 0x79, 0x22, 0x03, 0x41, 0x64, 0x64],
  ...[0x12, 0x01, 0x67],
  ...[0x5a, 0x0f, 0x0a, 0x01, 0x78, 0x12, 0x0a, 0x0a, 0x08, 0x08, 0x01, 0x12, 0x04, 0x0a, 0x02, 0x08, 0x01],
  ...[0x62, 0x0f, 0x0a, 0x01, 0x79, 0x12, 0x0a, 0x0a, 0x08, 0x08, 0x01, 0x12, 0x04, 0x0a, 0x02, 0x08, 0x01],
  ...[0x42, 0x04, 0x0a, 0x00, 0x10, 0x11],
]);

/**
 * Whether a provider can be had on this machine at all, whatever the model.
 * @throws StudioError `provider.absent`.
 */
export async function requireProvider(open: OpenSession, provider: RunningProvider): Promise<void> {
  try {
    const session = await open(PROBE_GRAPH, provider, 1);
    await session.release();
  } catch (cause) {
    const message = `The provider "${provider}" must run the smallest graph on this machine and does not.`;
    throw new StudioError('engine', 'provider.absent', message, { cause });
  }
}
