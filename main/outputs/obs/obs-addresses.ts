/** Time SRT keeps to repair losses, in microseconds: on one machine nothing is lost. */
const LATENCY_US = { loopback: 20_000, network: 120_000 } as const;

/**
 * The two ends of the line. On this machine OBS listens on loopback only. On another machine it listens
 * on every address: its firewall must let the UDP port in, the line is not encrypted (nor is
 * obs-websocket), and SRT keeps six times as long for repairs.
 */
export function obsAddresses(host: string, srtPort: number): { listenUrl: string; pushUrl: string } {
  const isHere = host === 'localhost' || host === '::1' || host === '[::1]' || /^127\./.test(host);
  const latency = isHere ? LATENCY_US.loopback : LATENCY_US.network;
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host;
  return {
    listenUrl: `srt://${isHere ? '127.0.0.1' : '0.0.0.0'}:${srtPort}?mode=listener&latency=${latency}`,
    pushUrl: `srt://${isHere ? '127.0.0.1' : name}:${srtPort}?mode=caller&latency=${latency}&connect_timeout=3000`,
  };
}
