/** What a server says of a part it sends: first byte, and the size of the whole; null where it does not say. */
export type ContentRange = { from: number | null; total: number | null };

/** A `Content-Range` of bytes (RFC 9110, section 14.4); null for anything else. */
export function parseContentRange(header: string | null): ContentRange | null {
  const match = /^bytes (?:(\d{1,15})-(\d{1,15})|\*)\/(?:(\d{1,15})|\*)$/.exec(header ?? '');
  if (!match) return null;
  const [, from, to, total] = match.map((part) => (part === undefined ? null : Number(part)));
  if (typeof from === 'number' && typeof to === 'number' && to < from) return null;
  if (typeof to === 'number' && typeof total === 'number' && to >= total) return null;
  return { from: (from as number | null) ?? null, total: (total as number | null) ?? null };
}
