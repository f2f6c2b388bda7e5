import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../support/database.ts';
import type { Json } from './api.ts';
import { censusMonths, censusReference, hasCensus } from './census.ts';
import { DVC } from './dvc-command.ts';
import { differences } from './main-job.ts';
import { playStory, storyOutcome } from './story.ts';
import { openStoryStage, type StoryStage } from './story-stage.ts';

const able = hasCensus && DVC !== undefined && process.env.PYTHON !== undefined;

/** Each how manieth row is taken; with 1 it is all of them, which takes longer. */
const EVERY = Number(process.env.STORY_EVERY ?? 3);

describe.skipIf(!able)('a model that drifts (skipped without ../shared/data, DVC and PYTHON)', () => {
  const databases: TestDatabase[] = [];
  const stages: StoryStage[] = [];
  let calm: StoryStage;
  let killed: StoryStage;
  let outcome: Json;

  beforeAll(async () => {
    const data = { reference: await censusReference(EVERY), months: await censusMonths(EVERY) };
    const play = async (kill: boolean): Promise<StoryStage> => {
      const database = await createTestDatabase();
      databases.push(database);
      const stage = await openStoryStage(database.url, kill);
      stages.push(stage);
      await playStory(stage, data);
      return stage;
    };
    // Side by side: each of them waits most of its time.
    [calm, killed] = await Promise.all([play(false), play(true)]);
    outcome = await storyOutcome(calm);
  });
  afterAll(async () => {
    for (const stage of stages) await stage.end();
    for (const database of databases) await database.drop();
  });

  test('is found to, retrained on what dvc pulls, compared, promoted and taken back', () => {
    expect(outcome.windows).toMatchObject([
      { start: '2016-12-01T00:00:00.000Z', verdict: 'no_drift' },
      { start: '2017-01-01T00:00:00.000Z', verdict: 'drift' },
      { start: '2017-02-01T00:00:00.000Z', verdict: 'drift' },
      // From here on the new model answers, and is held against what it was trained on.
      { start: '2017-03-01T00:00:00.000Z', verdict: 'no_drift' },
      { start: '2017-04-01T00:00:00.000Z', verdict: 'no_drift' },
      // And from here on the former one again.
      { start: '2017-05-01T00:00:00.000Z', verdict: 'drift' },
    ]);
    expect(outcome.alerts).toMatchObject([
      { state: 'pending', from: '2017-05-01T00:00:00.000Z' },
      {
        state: 'resolved',
        from: '2017-01-01T00:00:00.000Z',
        events: ['drift_began', 'drift_confirmed', 'run_started', 'reference_moved'].map((reason) => ({ reason })),
      },
    ]);
    expect(outcome.runs).toMatchObject([
      {
        state: 'rolled_back',
        reference: { dataset: 'census', version: 1 },
        training: { dataset: 'employment-retraining', version: 1 },
        model_version: 'v2',
        comparison: { metric: 'roc_auc', held_out: true, unanswered: 0, better: true },
      },
    ]);
    expect(outcome.versions).toMatchObject([
      { name: 'v1', current: true },
      { name: 'v2', current: false, dataset: 'census' },
    ]);
    expect(outcome.revisions).toMatchObject({
      items: [
        { reference: { dataset: 'census', version: 1 }, effective_from: '2017-05-01T00:00:00.000Z' },
        { reference: { dataset: 'census', version: 2 }, effective_from: '2017-03-01T00:00:00.000Z' },
        { reference: { dataset: 'census', version: 1 }, effective_from: null },
      ],
    });
  });

  test('comes to the same with the service killed at every step', async () => {
    expect(killed.killed).toHaveLength(25);
    expect(differences(outcome, await storyOutcome(killed)).slice(0, 20)).toEqual([]);
  });

  test('is told at least once, with one more try for a kill at the most', () => {
    const texts = new Map<string, Set<string>>();
    for (const { id, body } of killed.receiver.heard) texts.set(id, (texts.get(id) ?? new Set()).add(body));
    // Whatever is told again is told in the same words.
    expect([...texts.values()].filter(({ size }) => size > 1)).toEqual([]);
    expect(killed.receiver.heard.length - texts.size).toBeLessThanOrEqual(killed.killed.length);
    const asked = killed.receiver.heard.filter(({ type }) => type === 'retraining.requested');
    expect(new Set(asked.map(({ id }) => id)).size).toBe(1);
    // Sent, answered, recorded but not committed: three times nobody could know that it had been heard.
    expect(asked).toHaveLength(4);
  });
});
