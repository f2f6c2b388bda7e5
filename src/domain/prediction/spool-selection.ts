import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Context } from '../../context.ts';
import { TidemarkError } from '../../errors.ts';
import type { ArrowView } from '../../formats/arrow/arrow.ts';
import { encodeArrow } from '../../formats/arrow/writer.ts';
import { selectRows } from '../../formats/columns/select-rows.ts';
import type { CategoryColumn, ColumnType, Field } from '../../stats/column.ts';
import { openSpool, type Spool } from '../../store/objects/object-spool.ts';
import { typeOfLabels } from '../snapshot/label-type.ts';
import { type LabelledRows, scanBatches, withLabels } from './scan.ts';
import type { Selection } from './selection.ts';
import { UnionFields } from './union-fields.ts';

/** Selected predictions in a local file: small Arrow streams, one behind the other, each with its latest labels. */
export type SpooledSelection = {
  readonly file: string;
  /** Where each of them ends, in bytes. */
  readonly ends: Float64Array;
  readonly rows: number;
  /** All columns that any of them has, the label among them. */
  readonly fields: UnionFields;
  /** The narrowest type of all labels; null where none has a label. */
  readonly labelType: ColumnType | null;
  /** The batches that gave rows. */
  readonly oids: readonly string[];
  readonly dispose: () => Promise<void>;
};

export type Spooling = {
  readonly modelId: number;
  readonly selection: Selection;
  /** No batch that was accepted after this one. */
  readonly throughBatch: number;
  /** True once nobody waits for it any more. */
  readonly abandoned: () => boolean;
};

/**
 * Copies what is selected to the local disk, batch by batch, in the order of settlement.
 * @throws TidemarkError `object-corrupt` when a batch cannot be read, `invalid-body`, `storage-full`,
 * `upload-aborted` once it is abandoned.
 */
export async function spoolSelection(
  ctx: Pick<Context, 'config' | 'db' | 'remote'>,
  spooling: Spooling,
): Promise<SpooledSelection> {
  const folder = join(resolve(ctx.config.data), 'tmp');
  await mkdir(folder, { recursive: true });
  // What is killed here is swept later.
  const spool = await openSpool(folder, { durable: false });
  try {
    const collected = await collect(ctx, spooling, spool);
    await spool.finish();
    return { file: spool.path, ...collected, dispose: () => spool.discard() };
  } catch (error) {
    await spool.discard();
    throw error;
  }
}

async function collect(ctx: Pick<Context, 'db' | 'remote'>, spooling: Spooling, spool: Spool) {
  const { modelId, selection, throughBatch, abandoned } = spooling;
  const fields = new UnionFields();
  const ends: number[] = [];
  const oids: string[] = [];
  let rows = 0;
  let labelType: ColumnType | null = null;
  const plan = { modelId, selection, throughBatch, newest: false, after: null };
  for await (const scanned of scanBatches(ctx, plan)) {
    if (abandoned()) throw new TidemarkError('upload-aborted', 'Nobody waits for these rows any more.');
    const before = rows;
    for await (const found of withLabels(ctx, { modelId, selection, scanned })) {
      if (found.rows.length === 0) continue;
      const part = labelledPart(scanned.view, found);
      fields.add(part.fields);
      const bytes = encodeArrow(part.fields, part.batch);
      await spool.write(bytes);
      ends.push((ends.at(-1) ?? 0) + bytes.byteLength);
      rows += found.rows.length;
      labelType = widest(labelType, found);
    }
    if (rows > before) oids.push(scanned.batch.oid);
    // Others are served between two batches.
    await new Promise((go) => setImmediate(go));
  }
  return { ends: Float64Array.from(ends), rows, fields, labelType, oids };
}

/** The rows with every column of their batch, the latest label in place of the one that was sent with them. */
function labelledPart(view: ArrowView, { rows, labels }: LabelledRows) {
  const kept = view.fields.flatMap((field, position) => (field.name === 'label' ? [] : [{ field, position }]));
  const columns = kept.map(({ position }) => view.column(position));
  const selected = selectRows({ rows: view.rows, columns }, rows).columns;
  const fields: Field[] = [...kept.map(({ field }) => field), { name: 'label', type: 'text' }];
  const texts = labels.map((label) => label?.label ?? null);
  return { fields, batch: { rows: rows.length, columns: [...selected, textColumn(texts)] } };
}

function textColumn(texts: readonly (string | null)[]): CategoryColumn {
  const dictionary = [...new Set(texts.filter((text) => text !== null))];
  const codes = new Map(dictionary.map((text, code) => [text, code]));
  return {
    kind: 'category',
    type: 'text',
    length: texts.length,
    codes: Int32Array.from(texts, (text) => (text === null ? -1 : (codes.get(text) ?? -1))),
    dictionary,
  };
}

/** The type of all labels is that of the types of their parts: nothing but numbers among each other is united. */
function widest(known: ColumnType | null, { labels }: LabelledRows): ColumnType | null {
  const texts = labels.flatMap((label) => (label === null ? [] : [label.label]));
  if (texts.length === 0) return known;
  const type = typeOfLabels(texts);
  if (known === null || known === type) return type;
  const numbers = ['int64', 'float64'];
  return numbers.includes(known) && numbers.includes(type) ? 'float64' : 'text';
}
