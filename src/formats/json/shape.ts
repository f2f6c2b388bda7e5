/**
 * Records of one sender look alike: the bytes between two values are the same in every record. This scanner
 * remembers them as a tree (an edge = the bytes that lead to the next value), compares instead of parsing,
 * and asks the careful parser only where a record leaves the known paths. Equal leading bytes mean equal
 * keys, so a record that stays on a path has the keys, and no other problem than its values, of one already
 * checked.
 */
import { CELL, type CellTable } from './cells.ts';
import type { JsonKernels } from './kernels.ts';
import { type Leaf, RecordParser, type RecordProblem, type SlotOf } from './record.ts';
import { escapeProblem, literalEnd, numberCell, numberEnd, numberListEnd, PLAIN, stringEnd } from './scan.ts';

const MAX_NODES = 4096;
const MAX_EDGES = 8;
const MAX_LEAD = 1024;

class Node {
  readonly edges: Edge[] = [];
  /** Where its twin lies in the kernels' memory; 0 for none. */
  readonly twin: number;
  /** The bytes from the last value to the record's end, once a record has ended here. */
  tail: Uint8Array | null = null;

  constructor(twin: number) {
    this.twin = twin;
  }
}

type Edge = {
  readonly lead: Uint8Array;
  readonly slot: number;
  readonly next: Node;
  /** A list of numbers has stood here: not every place in a record may hold one. */
  lists: boolean;
};

export class RecordScanner {
  problem: RecordProblem | null = null;
  private readonly cells: CellTable;
  private readonly parser: RecordParser;
  private readonly kernels: JsonKernels | null;
  private readonly root: Node;
  private nodes = 1;

  /** @param kernels that scan, into the same cells, what is plain */
  constructor(cells: CellTable, slotOf: SlotOf, kernels: JsonKernels | null = null) {
    this.cells = cells;
    this.parser = new RecordParser(slotOf);
    this.kernels = kernels;
    this.root = new Node(kernels?.shape.root ?? 0);
  }

  /**
   * Writes the cells of the record at `start` as the table's current row and returns the position behind it,
   * or -1 with `problem` set. The caller counts the row (`cells.rows++`) when it keeps it.
   */
  scan(buf: Buffer, start: number, end: number): number {
    this.cells.beginRow();
    const behind = this.follow(buf, start, end);
    if (behind >= 0 && behind <= end) return behind;
    return this.parse(buf, start, end);
  }

  private follow(buf: Buffer, start: number, end: number): number {
    const { starts, ends, kinds } = this.cells;
    const base = this.cells.rows * this.cells.stride;
    let node = this.root;
    let p = start;
    for (;;) {
      const edge = edgeAt(node, buf, p);
      if (edge === null) return node.tail !== null && matches(buf, p, node.tail) ? p + node.tail.length : -1;
      const from = p + edge.lead.length;
      const b = buf[from]!;
      const at = base + edge.slot;
      if (b === 34) {
        let q = from + 1;
        while (PLAIN[buf[q]!] === 1) q++;
        if (buf[q] === 34) kinds[at] = CELL.text;
        else {
          q = buf[q] === 92 ? escapedEnd(buf, from) : -1;
          if (q < 0) return -1;
          kinds[at] = CELL.escaped;
        }
        starts[at] = from + 1;
        ends[at] = q;
        p = q + 1;
      } else if (b === 91) {
        p = edge.lists ? numberListEnd(buf, from, end) : -1;
        if (p < 0) return -1;
        kinds[at] = CELL.numbers;
        starts[at] = from;
        ends[at] = p;
      } else {
        p = b <= 57 ? numberEnd(buf, from) : literalEnd(buf, from);
        if (p < 0) return -1;
        const kind = b <= 57 ? numberCell(buf, from, p) : b === 116 ? CELL.true : b === 102 ? CELL.false : CELL.null;
        if (kind < 0) return -1;
        kinds[at] = kind;
        starts[at] = from;
        ends[at] = p;
      }
      node = edge.next;
    }
  }

  private parse(buf: Buffer, start: number, end: number): number {
    const { cells, parser } = this;
    const behind = parser.parse(buf, start, end);
    this.problem = parser.problem;
    if (behind < 0) return -1;
    for (const { slot } of parser.leaves) cells.reserve(slot + 1);
    const base = cells.rows * cells.stride;
    cells.kinds.fill(CELL.absent, base, base + cells.stride);
    for (const { slot, kind, from, to } of parser.leaves) {
      const at = base + slot;
      if (cells.kinds[at] !== CELL.absent) {
        this.problem = { code: 'duplicate-key', detail: 'two keys name the same column' };
        return -1;
      }
      const quoted = kind === CELL.text || kind === CELL.escaped ? 1 : 0;
      cells.kinds[at] = kind;
      cells.starts[at] = from + quoted;
      cells.ends[at] = to - quoted;
    }
    this.learn(buf, parser.leaves, { start, end: behind });
    return behind;
  }

  private learn(buf: Buffer, leaves: readonly Leaf[], record: { readonly start: number; readonly end: number }): void {
    let node = this.root;
    let p = record.start;
    for (const leaf of leaves) {
      let edge = edgeAt(node, buf, p);
      if (edge === null || edge.slot !== leaf.slot || p + edge.lead.length !== leaf.from) {
        if (this.nodes >= MAX_NODES || node.edges.length >= MAX_EDGES || leaf.from - p > MAX_LEAD) return;
        edge = this.edge(node, buf.subarray(p, leaf.from), leaf.slot);
        node.edges.push(edge);
        this.nodes++;
      }
      if (leaf.kind === CELL.numbers) edge.lists = true;
      node = edge.next;
      p = leaf.to;
    }
    if (node.tail !== null) return;
    node.tail = Uint8Array.from(buf.subarray(p, record.end));
    this.kernels?.shape.setTail(node.twin, node.tail);
  }

  private edge(from: Node, bytes: Uint8Array, slot: number): Edge {
    const lead = Uint8Array.from(bytes);
    const twin = this.kernels?.shape.addEdge(from.twin, lead, slot) ?? 0;
    return { lead, slot, next: new Node(twin), lists: false };
  }
}

function escapedEnd(buf: Uint8Array, from: number): number {
  const behind = stringEnd(buf, from);
  return behind < 0 || escapeProblem(buf, from + 1, behind - 1) !== null ? -1 : behind - 1;
}

function edgeAt(node: Node, buf: Uint8Array, p: number): Edge | null {
  const { edges } = node;
  for (let i = 0; i < edges.length; i++) if (matches(buf, p, edges[i]!.lead)) return edges[i]!;
  return null;
}

function matches(buf: Uint8Array, p: number, bytes: Uint8Array): boolean {
  for (let i = 0; i < bytes.length; i++) if (buf[p + i] !== bytes[i]) return false;
  return true;
}
