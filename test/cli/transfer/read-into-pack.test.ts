import { appendFileSync, mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { readIntoPack } from '../../../src/cli/transfer/read-into-pack.ts';
import { packEnd, packLine, packLineBytes } from '../../../src/formats/object-pack.ts';
import { md5Of } from '../../support/datasets.ts';

const folder = mkdtempSync(join(tmpdir(), 'pack-'));
afterAll(() => rmSync(folder, { recursive: true }));

/** A pack of these texts, each in a file that `change` is given between finding and reading it. */
function packOf(texts: readonly string[], change: (files: readonly string[]) => void = () => {}) {
  let total = 0;
  const places = texts.map((text, i) => {
    const file = join(folder, String(i));
    writeFileSync(file, text);
    const start = total + packLineBytes(text.length);
    total = start + text.length;
    return { file, start, size: text.length };
  });
  const end = packEnd(texts.length);
  const memory = new Uint8Array(total + end.byteLength);
  change(places.map(({ file }) => file));
  const md5s = readIntoPack(memory, places);
  memory.set(end, total);
  return { md5s, memory, places };
}

const TEXTS = ['first', '', 'the third', 'x'.repeat(5000), 'last'];

it('lays each file behind its line, and names it', () => {
  const { md5s, memory } = packOf(TEXTS);
  expect(md5s).toEqual(TEXTS.map(md5Of));
  const parts = TEXTS.flatMap((text) => [packLine({ md5: md5Of(text), size: text.length }), Buffer.from(text)]);
  expect(Buffer.from(memory)).toEqual(Buffer.concat([...parts, packEnd(TEXTS.length)]));
});

it('names no file that has another size by now, and leaves the others whole', () => {
  const { md5s, memory, places } = packOf(TEXTS, (files) => {
    appendFileSync(files[0]!, '!');
    appendFileSync(files[1]!, 'no longer empty');
    truncateSync(files[3]!, 4999);
    appendFileSync(files[4]!, 'behind the last');
  });
  expect(md5s).toEqual([null, null, md5Of('the third'), null, null]);
  const { start, size } = places[2]!;
  const line = packLine({ md5: md5Of('the third'), size });
  expect(Buffer.from(memory.subarray(start - line.byteLength, start + size)).toString()).toBe(
    `${Buffer.from(line).toString()}the third`,
  );
});
