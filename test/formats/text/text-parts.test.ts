import { describe, expect, it } from 'vitest';
import type { ParsedRecords } from '../../../src/formats/prediction/record-types.ts';
import { parseRecords } from '../../../src/formats/prediction/rows.ts';
import { csvParts, ndjsonParts, type TextPart } from '../../../src/formats/text/text-parts.ts';
import { tempFile, valuesOf } from '../fixtures.ts';

const AT = '2024-05-01T10:00:00Z';
const LIMIT = 200;

/** What the parts hold together: ids of the good rows, and all rows by their line in the file. */
function read(parts: Iterable<TextPart>, encoding: 'ndjson' | 'csv') {
  const parsed: { readonly records: ParsedRecords; readonly lineOffset: number }[] = [];
  for (const { bytes, lineOffset } of parts) {
    parsed.push({ records: parseRecords(bytes, encoding, { shape: 'prediction', maxLineBytes: LIMIT }), lineOffset });
  }
  return {
    count: parsed.length,
    ids: parsed.flatMap(({ records }) => valuesOf(records.batch.columns[0]!)),
    lines: parsed.flatMap(({ records, lineOffset }) => Array.from(records.lines, (line) => line + lineOffset)),
    rejected: parsed.flatMap(({ records, lineOffset }) => records.rejected.map(({ line }) => line + lineOffset)),
  };
}

const ids = Array.from({ length: 40 }, (_, i) => `p${i}`);

describe.each([150, 333, 10_000])('in pieces of %i bytes', (partBytes) => {
  const options = { partBytes, maxLineBytes: LIMIT };

  it('lines of NDJSON are all read once, and called by their number in the file', () => {
    const rows = ids.map((id) => `{"prediction_id":"${id}","timestamp":"${AT}","prediction":1}`);
    const lines = [...rows.slice(0, 10), '', '{"prediction_id":', ...rows.slice(10)];
    for (const end of ['', '\n', '\r\n\n']) {
      const found = read(ndjsonParts(tempFile(lines.join('\n') + end, 'rows'), options), 'ndjson');
      expect(found.ids).toEqual(ids);
      expect(found.lines).toEqual(ids.map((_, i) => (i < 10 ? i + 1 : i + 3)));
      expect(found.rejected).toEqual([12]);
      expect(found.count > 1).toBe(partBytes < 1000);
    }
  });

  it.each(['\n', '\r\n'])('rows of CSV too, whatever their cells hold (lines end with %j)', (end) => {
    const rows = ids.map((id, i) => `${id},${AT},1,${i % 3 === 0 ? '"two\nlines, ""quoted"""' : 'plain "'}`);
    const table = ['\ufeffprediction_id,timestamp,prediction,text', ...rows, `bad,${AT},,x`];
    const found = read(csvParts(tempFile(table.join(end), 'rows'), options), 'csv');
    expect(found.ids).toEqual(ids);
    expect(found.lines).toEqual(ids.map((_, i) => 2 + i + Math.ceil(i / 3)));
    expect(found.rejected).toEqual([2 + ids.length + Math.ceil(ids.length / 3)]);
    expect(found.count > 1).toBe(partBytes < 1000);
  });
});

it('a line that does not end is given up at the limit of a line', () => {
  const file = tempFile(`prediction_id,prediction\n${'x'.repeat(5000)}`, 'rows');
  const options = { partBytes: 100, maxLineBytes: LIMIT };
  expect(() => read(ndjsonParts(file, options), 'ndjson')).toThrow(expect.objectContaining({ code: 'too-large' }));
  expect(() => read(csvParts(file, options), 'csv')).toThrow(/longer than 200 bytes/);
});

it('an empty file has no parts', () => {
  expect([...ndjsonParts(tempFile('', 'rows'), { partBytes: 10, maxLineBytes: 10 })]).toEqual([]);
});
