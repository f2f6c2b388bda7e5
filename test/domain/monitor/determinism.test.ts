import { describe, expect, it } from 'vitest';
import { canonicalJson, toJson } from '../../../src/domain/canonical.ts';
import { DAY, day, MODEL, makeRows, predictions, type Story, seeded, setUp, startStory } from './story.ts';

/** Batches whose events are out of order, with repeats inside and across them. */
function batches(): object[][] {
  const random = seeded(5);
  const all = [0, 1, 2, 3].flatMap((n) =>
    predictions(makeRows(200, n, n === 3 ? 1 : 0), { id: `p${n}`, from: day(n), to: day(n) + DAY }),
  );
  const shuffled = all.map((row) => ({ row, key: random() })).sort((a, b) => a.key - b.key);
  const sent: object[][] = [];
  for (let from = 0; from < shuffled.length; from += 100)
    sent.push(shuffled.slice(from, from + 100).map(({ row }) => row));
  const last = predictions(makeRows(60, 9), { id: 'p5', from: day(5), to: day(5) + DAY });
  return [...sent, sent[2] ?? [], [...(sent[0] ?? []).slice(0, 30), ...last]];
}

/** The story told with the jobs run after every `every` batches. @returns what must not depend on it. */
async function tell(every: number): Promise<{ windows: unknown[]; bodies: string[] }> {
  const story: Story = await startStory();
  try {
    await setUp(story, makeRows(1000, 42));
    await story.drain();
    await story.call('POST', `/v1/models/${MODEL}/monitors`, { name: 'daily' });
    for (const [i, batch] of batches().entries()) {
      await story.log('predictions', batch);
      if ((i + 1) % every === 0) await story.drain();
    }
    await story.drain();
    const windows = await story.windows();
    const bodies = await Promise.all(
      windows
        .filter(({ report }) => report !== null)
        .map(async ({ report }) => {
          const { body } = await story.call<{ body: unknown }>('GET', `/v1/reports/${report}`);
          return canonicalJson(toJson(body.body));
        }),
    );
    const plain = windows.map(({ start, state, verdict, revision, rows }) => ({
      start,
      state,
      verdict,
      revision,
      rows,
    }));
    return { windows: plain, bodies };
  } finally {
    await story.close();
  }
}

describe('the same batches in the same order', () => {
  it('end in the same windows and byte-equal reports, whenever the workers run', async () => {
    const [eager, lazy] = [await tell(1), await tell(100)];
    expect(eager.windows).toHaveLength(6);
    expect(eager.windows.slice(0, 4)).toEqual(
      eager.windows.slice(0, 4).map(() => expect.objectContaining({ rows: 200 })),
    );
    expect(lazy.windows).toEqual(eager.windows);
    expect(eager.bodies).toHaveLength(4);
    expect(lazy.bodies).toEqual(eager.bodies);
  });
});
