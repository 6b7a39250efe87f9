/** What stands where a secret stood. */
export const REDACTED = '‹redacted›';

/** A shorter secret would blank ordinary words out of every line. */
const SHORTEST_SECRET = 4;

const secrets = new Map<string, number>();

/**
 * From now on `secret` is struck out of everything that goes through `redact`, in its plain and
 * its percent-encoded form. Returns the way to forget it; two registrations need two.
 */
export function registerSecret(secret: string): () => void {
  const forms = formsOf(secret);
  for (const form of forms) secrets.set(form, (secrets.get(form) ?? 0) + 1);
  let registered = true;
  return () => {
    if (!registered) return;
    registered = false;
    for (const form of forms) {
      const count = (secrets.get(form) ?? 1) - 1;
      if (count === 0) secrets.delete(form);
      else secrets.set(form, count);
    }
  };
}

/**
 * Strikes registered secrets out of a text, and whatever looks like one: the stream key in an
 * RTMP path, `passphrase=` and `streamid=` and their like in a query, user and password in a URL.
 */
export function redact(text: string): string {
  let clean = text;
  for (const secret of [...secrets.keys()].sort((a, b) => b.length - a.length)) {
    clean = clean.replaceAll(secret, REDACTED);
  }
  return redactPatterns(clean);
}

/** `redact` for a line of ffmpeg, which also names streams in single quotes. */
export function redactFfmpeg(line: string): string {
  return redact(line).replace(/\b((?:playpath|stream|name)\s*[:=]?\s*')[^'"\n]+'/gi, `$1${REDACTED}'`);
}

function redactPatterns(text: string): string {
  return text
    .replace(/([a-z][a-z0-9+.-]*:\/\/)[^/\s@'"]+@/gi, `$1${REDACTED}@`)
    .replace(
      /\b(passphrase|streamid|stream_?key|key|token|secret|password|sign|signature|auth)=[^&\s'",;\\]+/gi,
      `$1=${REDACTED}`,
    )
    .replace(/(rtmp[a-z]*:\/\/[^/\s'"]+\/[^/\s'"]+\/)[^\s'"\\]+/gi, `$1${REDACTED}`);
}

function formsOf(secret: string): string[] {
  const parts = [secret, ...[...new URLSearchParams(secret).values()]];
  const forms = parts.flatMap((part) => [part, encodeURIComponent(part), encodeURI(part)]);
  return [...new Set(forms)].filter((form) => form.length >= SHORTEST_SECRET);
}
