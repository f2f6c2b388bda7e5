import { closeSync, openSync, readSync } from 'node:fs';
import { headOf } from '../byte-source.ts';
import { tooLarge, unreadable } from '../unreadable.ts';

const MAX_FOOTER = 64 * 2 ** 20;

/** What can be known to be wrong before any parser sees the file. @throws TidemarkError `unreadable-data` or `too-large`. */
export function checkFooter(path: string): void {
  const { head, size } = headOf(path, 4);
  const tail = Buffer.alloc(8);
  if (size < 12) throw unreadable(`The file has ${size} bytes; a Parquet file has at least 12.`);
  const file = openSync(path, 'r');
  try {
    readSync(file, tail, 0, 8, size - 8);
  } finally {
    closeSync(file);
  }
  const magic = tail.toString('latin1', 4, 8);
  if (magic === 'PARE') throw unreadable('The Parquet file is encrypted; write it without encryption.');
  if (magic !== 'PAR1' || Buffer.from(head).toString('latin1') !== 'PAR1') {
    throw unreadable('The Parquet file does not begin and end with PAR1; it is cut off or no Parquet file.');
  }
  const footer = tail.readUInt32LE(0);
  if (footer === 0 || footer + 12 > size) {
    throw unreadable(`The Parquet footer claims ${footer} bytes in a file of ${size}; the file is broken.`);
  }
  if (footer > MAX_FOOTER) throw tooLarge(`The Parquet footer has ${footer} bytes; at most ${MAX_FOOTER} are read.`);
}
