import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../root.ts';

/** What pages load besides themselves. A closed list: nothing a client says becomes part of a path. */
const TYPES = {
  'tidemark.css': 'text/css; charset=utf-8',
  'page.js': 'text/javascript; charset=utf-8',
  'tidemark.svg': 'image/svg+xml',
} as const;

type Asset = { readonly bytes: Uint8Array<ArrayBuffer>; readonly etag: string; readonly type: string };

const assets = new Map<string, Asset>(
  Object.entries(TYPES).map(([name, type]) => {
    const bytes = Uint8Array.from(readFileSync(join(PACKAGE_ROOT, 'src', 'web', 'assets', name)));
    return [name, { bytes, type, etag: `"${createHash('sha256').update(bytes).digest('hex').slice(0, 32)}"` }];
  }),
);

/** An asset, or 304 when the browser has it already; null when there is none of this name. */
export function serveAsset(name: string, ifNoneMatch: string | undefined): Response | null {
  const asset = assets.get(name);
  if (asset === undefined) return null;
  const headers = {
    etag: asset.etag,
    // Asked for again each time, since the names stay when the content changes; the answer is then a 304.
    'cache-control': 'public, max-age=0, must-revalidate',
    'content-security-policy': "default-src 'none'",
    'cross-origin-resource-policy': 'same-origin',
  };
  const known = (ifNoneMatch ?? '').split(/, */).some((tag) => tag === asset.etag || tag === `W/${asset.etag}`);
  if (known) return new Response(null, { status: 304, headers });
  return new Response(asset.bytes, { headers: { ...headers, 'content-type': asset.type } });
}
