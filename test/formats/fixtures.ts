import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { ByteSource } from '../../src/formats/byte-source.ts';
import type { OpenOptions, TableReader } from '../../src/formats/table.ts';
import { openTable } from '../../src/formats/table-reader.ts';
import type { Column, ColumnBatch } from '../../src/stats/column.ts';
import { isValid } from '../../src/stats/column.ts';

export type Value = number | bigint | string | boolean | null | readonly number[];

/** A column as plain values: null where absent, bigint where the exact value is beyond 2^53. */
export function valuesOf(column: Column): Value[] {
  if (column.kind === 'category') {
    return Array.from(column.codes, (code) => {
      if (code < 0) return null;
      const text = column.dictionary[code]!;
      return column.type === 'boolean' ? text === 'true' : text;
    });
  }
  if (column.kind === 'vector') {
    const { dimension, values, valid } = column;
    return Array.from({ length: column.length }, (_, i) =>
      isValid(valid, i) ? Array.from(values.subarray(i * dimension, (i + 1) * dimension)) : null,
    );
  }
  const exact = column.kind === 'number' ? column.exact : null;
  return Array.from(column.values, (value, i) => {
    if (!isValid(column.valid, i)) return null;
    const big = exact?.[i];
    return big !== undefined && !Number.isSafeInteger(value) ? big : value;
  });
}

/** All values of a table by column name. */
export async function tableValues(reader: TableReader, columns?: readonly string[]): Promise<Map<string, Value[]>> {
  const names = columns ?? reader.fields.map(({ name }) => name);
  const values = new Map<string, Value[]>(names.map((name) => [name, []]));
  for await (const batch of reader.batches(columns)) {
    for (const [i, column] of batch.columns.entries()) {
      if (column.length !== batch.rows) throw new Error('a column is not as long as its batch');
      values.get(names[i]!)!.push(...valuesOf(column));
    }
  }
  return values;
}

export type Opened = {
  readonly reader: TableReader;
  readonly types: Record<string, string>;
  readonly values: Map<string, Value[]>;
  readonly codes: string[];
};

/** Writes the content to a file, opens it and reads it whole. */
export async function opened(content: string | Uint8Array, name: string, options: OpenOptions = {}): Promise<Opened> {
  const reader = await openTable(tempFile(content, name), options);
  const values = await tableValues(reader);
  await reader.close();
  const types = Object.fromEntries(reader.fields.map((field) => [field.name, field.type]));
  return { reader, types, values, codes: reader.warnings.map(({ code }) => code) };
}

/** A path in a directory that is gone when the test ends. */
export function tempPath(name: string): string {
  const directory = mkdtempSync(join(tmpdir(), 'tidemark-formats-'));
  onTestFinished(() => rmSync(directory, { recursive: true, force: true }));
  return join(directory, name);
}

export function tempFile(content: string | Uint8Array, name: string): string {
  const path = tempPath(name);
  writeFileSync(path, content);
  return path;
}

/** A source that hands out the bytes in pieces of the given sizes, over and over. */
export function piecewise(content: string | Uint8Array, sizes: readonly number[]): ByteSource {
  const bytes = Buffer.from(content);
  return {
    compression: 'none',
    size: bytes.length,
    async *pieces() {
      for (let at = 0, i = 0; at < bytes.length; i++) {
        const size = sizes[i % sizes.length]!;
        yield bytes.subarray(at, at + size);
        at += size;
      }
    },
  };
}

export async function* once(...batches: readonly ColumnBatch[]): AsyncGenerator<ColumnBatch> {
  yield* batches;
}
