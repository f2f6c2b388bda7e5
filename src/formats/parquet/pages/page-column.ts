import type { ColumnSink } from '../../columns/column-sink.ts';
import { BooleanValues } from './boolean-values.ts';
import { broken } from './broken.ts';
import { ChunkPages, type DataPage } from './chunk-pages.ts';
import { FileWindow } from './file-window.ts';
import type { ColumnChunk, Leaf, LeafKind } from './footer.ts';
import type { KernelTexts } from './kernel-texts.ts';
import { NumberValues } from './number-values.ts';
import { type PageValues, PIECE_ROWS } from './page-values.ts';
import { TextValues } from './text-values.ts';

type KindOfLeaf = { readonly leaf: Leaf; readonly kind: LeafKind };

/** One column of a file, row after row. */
export class PageColumn {
  readonly #window: FileWindow;
  readonly #leaf: Leaf;
  readonly #values: PageValues;
  #pages: ChunkPages | null = null;
  #page: DataPage | null = null;
  /** Rows of the page that were read. */
  #row = 0;
  readonly #levels = new Uint8Array(PIECE_ROWS);

  /** `texts`: what plain texts are read by; null where these are to stay when the next batch is read. */
  constructor(file: number, { leaf, kind }: KindOfLeaf, texts: KernelTexts | null) {
    this.#window = new FileWindow(file);
    this.#leaf = leaf;
    this.#values = valuesOf(kind, texts);
  }

  /** Begins a row group. */
  startGroup(chunk: ColumnChunk): void {
    this.#pages = new ChunkPages(this.#window, this.#leaf, chunk);
    this.#page = null;
    this.#values.startGroup();
  }

  /** Writes the next rows of the group, at most `PIECE_ROWS`, to the sink, from slot `at` on. @throws TidemarkError `unreadable-data`. */
  fill(sink: ColumnSink, at: number, rows: number): void {
    for (let done = 0; done < rows; ) {
      const page = this.#current();
      const some = Math.min(rows - done, page.rows - this.#row);
      const present = page.levels === null ? some : page.levels.readFlags(this.#levels, some);
      const levels = present === some ? null : this.#levels;
      this.#values.fill(sink, { levels, rows: some, present, at: at + done });
      this.#row += some;
      done += some;
    }
  }

  /** The sink's dictionary has forgotten its texts. */
  forgetTexts(): void {
    this.#values.forgetTexts();
  }

  /** Before each batch but the first. */
  startBatch(): void {
    this.#values.startBatch?.();
  }

  /** The page in which the next row is. */
  #current(): DataPage {
    while (this.#page === null || this.#row === this.#page.rows) {
      const page = this.#pages?.next() ?? null;
      if (page === null) {
        throw broken('its footer counts more rows than its pages hold');
      }
      if (page.kind === 'dictionary') this.#values.useDictionary(page);
      else {
        this.#values.load(page);
        this.#page = page;
        this.#row = 0;
      }
    }
    return this.#page;
  }
}

function valuesOf(kind: LeafKind, texts: KernelTexts | null): PageValues {
  if (kind === 'text') return new TextValues(texts);
  return kind === 'boolean' ? new BooleanValues() : new NumberValues(kind);
}
