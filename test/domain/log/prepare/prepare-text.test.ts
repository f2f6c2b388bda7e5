import { describe, expect, test } from 'vitest';
import { prepareText } from '../../../../src/domain/log/prepare/prepare-text.ts';
import { tempFile } from '../../../formats/fixtures.ts';
import { TEST_TIME } from '../../../support/context.ts';

const ROWS = 60_000;
const PAD = 'x'.repeat(160);
const AT = TEST_TIME.toISOString();
const LAST = ROWS + 2;

/** More than a part holds, with a bad row in the first part and one in the last. */
const FILES = {
  csv: [
    'prediction_id,timestamp,prediction,text',
    ',,,',
    ...Array.from({ length: ROWS - 1 }, (_, i) => `p${i},${AT},1,${PAD}`),
    `late,${AT},,bad`,
  ],
  ndjson: [
    '',
    '{}',
    ...Array.from(
      { length: ROWS - 1 },
      (_, i) => `{"prediction_id":"p${i}","timestamp":"${AT}","prediction":1,"features":{"text":"${PAD}"}}`,
    ),
    `{"prediction_id":"late","timestamp":"${AT}","features":{"text":"bad"}}`,
  ],
} as const;

describe.each(['csv', 'ndjson'] as const)('a large file of %s', (encoding) => {
  const prepare = async (partial: boolean) => {
    const kept: number[] = [];
    const options = {
      ...({
        kind: 'predictions',
        encoding,
        epochUnit: null,
        csv: null,
        expected: null,
        known: [],
        labels: null,
        versions: null,
        strict: false,
        partial,
      } as const),
      ...{ maxLineBytes: 10_000, maxRows: ROWS + 1, maxCells: 2 ** 24, now: TEST_TIME.getTime() },
    };
    const prepared = await prepareText(tempFile(FILES[encoding].join('\n'), 'rows'), options, async (arrow) => {
      kept.push(arrow.length);
      return { at: kept.length };
    });
    return { prepared, kept };
  };

  test('is refused as a whole for its bad rows, which are called by their lines', async () => {
    const { prepared, kept } = await prepare(false);
    expect(prepared).toMatchObject({ refused: true, parts: [], rejectedTotal: 2 });
    expect(prepared.rejected.map(({ line }) => line)).toEqual([2, LAST]);
    expect(kept).toEqual([]);
  });

  test('is kept in parts without them, and they can be sent again', async () => {
    const { prepared, kept } = await prepare(true);
    expect(prepared.parts.length).toBeGreaterThan(1);
    expect(prepared.parts.reduce((sum, { rows }) => sum + rows, 0)).toBe(ROWS - 1);
    expect(prepared.parts.map(({ at }) => at)).toEqual(kept.map((_, i) => i + 1));
    expect(prepared.rejected.map(({ line }) => line)).toEqual([2, LAST]);
    expect(JSON.parse(prepared.rejected[1]?.raw ?? '')).toMatchObject({ prediction_id: 'late', timestamp: AT });
  });
});
