/** Bytes as a person reads them. */
export function megabytes(bytes: number): string {
  return bytes >= 1e9 ? `${(bytes / 1e9).toFixed(1)} GB` : `${Math.max(0, Math.ceil(bytes / 1e6))} MB`;
}
