import { formatOfBytes } from './table-format.ts';

/** Enough to tell; the rest of the file is not looked at. */
export const SNIFFED_BYTES = 4096;

/**
 * The ending that a table would have which begins like this, with its dot; null when it looks like no table. For files
 * that came without a name: what is in them is found out by whoever reads them.
 */
export function endingOf(head: Uint8Array): string | null {
  const binary = formatOfBytes(head);
  if (binary !== undefined) return `.${binary}`;
  const text =
    textOf(head)
      ?.replace(/^\ufeff/, '')
      .trimStart() ?? '';
  if (text.startsWith('{')) return '.ndjson';
  if (text.startsWith('[')) return '.json';
  const [first = ''] = text.split(/\r?\n/, 1);
  if (first.includes('\t')) return '.tsv';
  return /[,;|]/.test(first) ? '.csv' : null;
}

/** Null for bytes that are not UTF-8 text; a character that the end cuts in two does not count. */
function textOf(head: Uint8Array): string | null {
  if (head.includes(0)) return null;
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(head, { stream: true });
  } catch {
    return null;
  }
}
