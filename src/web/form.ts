import { TidemarkError } from '../errors.ts';
import type { PageRequest } from './page.tsx';

/** A few names and an address; whatever is longer was sent by no form of ours. */
const LARGEST_FORM = 8192;

/** The fields of a form that a page of ours sent. @throws TidemarkError `too-large`. */
export async function readForm(c: PageRequest): Promise<URLSearchParams> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of c.req.raw.body ?? []) {
    size += chunk.byteLength;
    if (size > LARGEST_FORM) throw new TidemarkError('too-large', 'This form is larger than any that we send.');
    chunks.push(chunk);
  }
  return new URLSearchParams(Buffer.concat(chunks).toString('utf8'));
}
