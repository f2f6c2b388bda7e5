import type { AddressRule } from './address.ts';
import type { Resolve } from './connect.ts';
import { mayReach, type Place, refusal } from './target.ts';

/** Longer nobody waits for a name server before a receiver is stored. */
const INSPECTION = 3_000;

/**
 * Judges a place by what its name means now. A name that cannot be resolved at this moment passes if it needs no
 * exception: deliveries judge it again.
 * @throws TidemarkError `invalid-body` or `blocked-address`.
 */
export async function inspectPlace(
  place: Place,
  { rule, resolve }: { readonly rule: AddressRule; readonly resolve: Resolve },
): Promise<void> {
  const addresses = await resolveSoon(resolve, place.host);
  const reaches = addresses.map((address) => rule(address, place.port));
  if (reaches.some((reach) => mayReach(place, reach))) return;
  if (reaches.length > 0) throw refusal(place, reaches);
  if (place.exceptional !== null) throw refusal(place, ['public']);
}

async function resolveSoon(resolve: Resolve, host: string): Promise<readonly string[]> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<readonly string[]>((done) => {
    timer = setTimeout(() => done([]), INSPECTION);
  });
  const found = resolve(host).then(
    (addresses) => addresses.map(({ address }) => address),
    () => [],
  );
  try {
    return await Promise.race([found, late]);
  } finally {
    clearTimeout(timer);
  }
}
