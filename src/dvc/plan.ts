import { isDirectoryOid, type Oid } from './hash.ts';

/**
 * What to upload, in order: everything wanted that is not present, once each, files in the given order and
 * manifests last. DVC takes a present `.dir` for the presence of all its files, so a manifest must never be
 * there before them; and when one file fails, no manifest may be sent.
 */
export function planUploads<T extends { readonly oid: Oid }>(wanted: Iterable<T>, present: ReadonlySet<Oid>): T[] {
  const missing = new Map<Oid, T>();
  for (const object of wanted) {
    if (!present.has(object.oid) && !missing.has(object.oid)) missing.set(object.oid, object);
  }
  const all = [...missing.values()];
  return [...all.filter((o) => !isDirectoryOid(o.oid)), ...all.filter((o) => isDirectoryOid(o.oid))];
}
