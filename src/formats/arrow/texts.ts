/** Texts as Arrow keeps them: one run of UTF-8 bytes and the offsets of each text in it. */

/** UTF-8 bytes and `texts.length + 1` offsets. */
export function encodeTexts(texts: readonly string[]): { readonly offsets: Int32Array; readonly values: Uint8Array } {
  const joined = texts.join('');
  const bytes = Buffer.from(joined, 'utf8');
  const offsets = new Int32Array(texts.length + 1);
  // Equal lengths mean that every character is one byte, and then no text needs measuring.
  const plain = bytes.length === joined.length;
  let offset = 0;
  for (let i = 0; i < texts.length; i++) {
    offset += plain ? texts[i]!.length : Buffer.byteLength(texts[i]!, 'utf8');
    offsets[i + 1] = offset;
  }
  return { offsets, values: bytes };
}

/** How many different codes there are; absent rows have none. */
export function countUsed(codes: Int32Array, entries: number): number {
  const seen = new Uint8Array(entries);
  let count = 0;
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code < 0 || seen[code] === 1) continue;
    seen[code] = 1;
    count++;
  }
  return count;
}

/** The codes over only those texts that a row has, in order of first use; absent rows get code 0. */
export function usedTexts(
  codes: Int32Array,
  dictionary: readonly string[],
): { readonly texts: readonly string[]; readonly codes: Int32Array } {
  const renamed = new Int32Array(dictionary.length);
  const texts: string[] = [];
  const used = new Int32Array(codes.length);
  for (let i = 0; i < codes.length; i++) {
    const code = codes[i]!;
    if (code < 0) continue;
    if (renamed[code] === 0) renamed[code] = texts.push(dictionary[code]!);
    used[i] = renamed[code]! - 1;
  }
  return { texts, codes: used };
}
