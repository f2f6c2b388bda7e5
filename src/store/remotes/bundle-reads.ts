import { type Oid, sha256Of } from '../../dvc/hash.ts';
import type { BundledObject } from '../inventory/bundles.ts';
import { inParallel } from '../objects/object-each.ts';
import type { BundleRange, Bundles } from './bundles.ts';
import type { WantedObject } from './remote.ts';

/** To ask for two pieces takes longer than to read so many bytes between them. */
const GAP_BYTES = 64 * 1024;

type Located = WantedObject & BundledObject;
type Span = BundleRange & { readonly name: string; readonly members: readonly Located[] };

/**
 * Those of the wanted objects that lie in bundles, whole and verified, in as few requests as their places allow. What is
 * missing from the result is not there as it should be.
 */
export async function readBundled(
  bundles: Bundles,
  wanted: readonly WantedObject[],
  places: ReadonlyMap<Oid, BundledObject>,
): Promise<Map<Oid, Uint8Array>> {
  const located = wanted.flatMap((object) => {
    const place = places.get(object.oid);
    return place === undefined || place.size !== object.size ? [] : [{ ...object, ...place }];
  });
  const found = new Map<Oid, Uint8Array>();
  await inParallel(spansOf(located), async (span) => {
    const bytes = await bundles.read(span.name, span);
    if (bytes === null) return;
    for (const { oid, sha256, start, size } of span.members) {
      const member = bytes.subarray(start - span.start, start - span.start + size);
      if (sha256Of(member) === sha256) found.set(oid, member);
    }
  });
  return found;
}

/** Runs of members that lie near each other in one bundle. */
function spansOf(located: readonly Located[]): Span[] {
  const spans: Span[] = [];
  for (const [name, members] of Map.groupBy(located, ({ name }) => name)) {
    let open: Located[] = [];
    let end = 0;
    const close = () => {
      const [first] = open;
      if (first !== undefined) spans.push({ name, start: first.start, end, members: open });
    };
    for (const member of members.toSorted((a, b) => a.start - b.start)) {
      if (open.length > 0 && member.start > end + GAP_BYTES) {
        close();
        open = [];
      }
      open.push(member);
      end = Math.max(end, member.start + member.size);
    }
    close();
  }
  return spans;
}
