import type { Destination } from '../../../contract/project';

/** What is wrong with an address, in words to a person; null when it can be tried. */
export function urlProblem(protocol: Destination['protocol'], url: string): string | null {
  const text = url.trim();
  if (text === '') return 'The address is missing.';
  const schemes = protocol === 'rtmp' ? ['rtmp:', 'rtmps:'] : ['srt:'];
  // URL knows the host only of schemes it calls special, so the rest is read as if it were http.
  const scheme = /^[a-z]+:(?=\/\/)/i.exec(text)?.[0].toLowerCase();
  if (!scheme || !schemes.includes(scheme)) return `The address must begin with ${schemes[0]}//`;
  const rest = `http:${text.slice(scheme.length)}`;
  if (!URL.canParse(rest)) return 'This is no address of a server.';
  const { port, pathname, username, password } = new URL(rest);
  if (username !== '' || password !== '')
    return 'Leave names and passwords out of the address; use the key field.';
  if (protocol === 'rtmp' && pathname === '/')
    return 'An RTMP address names an application, as in rtmp://host/app';
  if (protocol === 'srt' && port === '') return 'An SRT address needs a port, as in srt://host:9000';
  return null;
}
