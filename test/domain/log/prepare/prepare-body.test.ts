import { describe, expect, test } from 'vitest';
import { readConfig } from '../../../../src/config.ts';
import { prepareBatch } from '../../../../src/domain/log/prepare/prepare-batch.ts';
import { prepareBody } from '../../../../src/domain/log/prepare/prepare-body.ts';
import type { ReceivedBody } from '../../../../src/domain/log/receive/receive-body.ts';

const NOW = Date.UTC(2026, 2, 1);
const OPTIONS = {
  kind: 'predictions',
  encoding: 'ndjson',
  epochUnit: null,
  csv: null,
  expected: [['feature.age', 'int64']],
  known: [],
  labels: null,
  versions: null,
  maxLineBytes: 10_000,
  maxRows: 5000,
  strict: false,
  partial: true,
  now: NOW,
} as const;

/** Nothing here is for a compute child. */
const ctx = {
  config: readConfig({}),
  compute: { children: 0, run: () => Promise.reject(new Error('no child')), close: () => Promise.resolve() },
};

const row = (i: number): string =>
  JSON.stringify({
    prediction_id: `p${i}`,
    timestamp: new Date(NOW - i * 1000).toISOString(),
    features: { age: i % 7 === 0 ? 'old' : i, plan: `plan ${i % 3}`, note: 'é'.repeat(20) },
    prediction: i % 2,
  });

function bodyOf(text: string): ReceivedBody {
  const size = Buffer.byteLength(text);
  const bytes = new Uint8Array(new ArrayBuffer(size + 1), 0, size);
  bytes.set(Buffer.from(text));
  return { content: { bytes }, size, sha256: '', dispose: () => Promise.resolve() };
}

async function bytesOf(parts: Awaited<ReturnType<typeof prepareBody>>['parts']): Promise<Buffer> {
  const found: Uint8Array[] = [];
  for (const { object } of parts) {
    const made = object();
    if (made instanceof Uint8Array) found.push(made);
    else for await (const bytes of made) found.push(bytes);
  }
  return Buffer.concat(found);
}

describe('a body that is prepared in a thread', () => {
  test.each([
    ['with its last line end', '\n'],
    ['without it', ''],
  ])('%s gives the bytes, counts and bad rows that it would give at once', async (_, end) => {
    const text = [...Array.from({ length: 1000 }, (_, i) => row(i)), '{"prediction_id":', row(3)].join('\n') + end;
    const at = prepareBatch(Buffer.from(`${text}\n`), { ...OPTIONS, maxCells: 2 ** 22 });
    const made = await prepareBody(ctx, bodyOf(text), OPTIONS);
    expect((await bytesOf(made.parts)).equals(at.parts[0]?.arrow ?? Buffer.alloc(0))).toBe(true);
    expect(made).toMatchObject({
      refused: false,
      rejected: at.rejected,
      rejectedTotal: 1,
      parts: [{ rows: 1001, duplicates: 1, violations: at.parts[0]?.violations }],
    });
  });

  test('many of different sizes at once, each with its own answer', async () => {
    const sizes = [300, 2500, 400, 1200, 350, 900, 2000, 310];
    const made = await Promise.all(
      sizes.map((size) => prepareBody(ctx, bodyOf(Array.from({ length: size }, (_, i) => row(i)).join('\n')), OPTIONS)),
    );
    expect(made.map(({ parts }) => parts[0]?.rows)).toEqual(sizes);
  });

  test('is refused with the words and the rows of the refusal', async () => {
    const text = Array.from({ length: 6000 }, (_, i) => row(i)).join('\n');
    await expect(prepareBody(ctx, bodyOf(text), OPTIONS)).rejects.toMatchObject({
      name: 'TidemarkError',
      code: 'too-large',
      message: expect.stringContaining('5000 records'),
    });
    const broken = await prepareBody(ctx, bodyOf(`${text.slice(0, 100_000)}\nnonsense`), {
      ...OPTIONS,
      partial: false,
    });
    expect(broken).toMatchObject({ refused: true, parts: [], rejectedTotal: 2 });
  });
});
