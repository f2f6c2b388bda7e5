/**
 * True when an answer may come compressed by gzip: `Accept-Encoding` names it, or all codings, and does not refuse it
 * (RFC 9110, 12.5.3).
 */
export function acceptsGzip(header: string | undefined): boolean {
  const weights = new Map<string, number>();
  for (const item of (header ?? '').toLowerCase().split(',')) {
    const [coding = '', weight] = item.split(';').map((part) => part.trim());
    weights.set(coding, weight === undefined ? 1 : Number(/^q=([\d.]+)$/.exec(weight)?.[1] ?? 0));
  }
  return (weights.get('gzip') ?? weights.get('*') ?? 0) > 0;
}
