import { beforeAll, describe, expect, it } from 'vitest';
import { type Look, timesRarer, weighLooks } from '../../../src/domain/report/looks.ts';
import { normalDeviate } from '../../../src/stats/sampling/normal-deviate.ts';
import { xoshiro128 } from '../../../src/stats/sampling/xoshiro128.ts';
import { BESIDES, calibrate, healthyEffects } from '../../../src/stats/verdict/calibration.ts';
import { DEFAULT_POLICY, judge } from '../../../src/stats/verdict/judge.ts';
import type { JudgeColumn, JudgePolicy } from '../../../src/stats/verdict/judgement.ts';
import { rarityOf } from '../../../src/stats/verdict/rarity.ts';
import { numbers, profileOf } from '../../stats/columns.ts';

const OF: Readonly<Record<string, Look['verdict']>> = { x: 'drift', '.': 'no_drift', '?': 'insufficient_data' };

/** Looks at more and more rows. */
const read = (text: string): Look[] =>
  text.split('').map((one, i) => ({ id: `rep_${i + 1}`, verdict: OF[one] ?? 'error', rows: 100 * (i + 1) }));

const weigh = (text: string, rarity: number) => weighLooks(read(text), async () => rarity);

describe('looks at a window', () => {
  it('have less and less of what was chosen with each doubling of the rows, all of them a quarter', () => {
    expect([1, 1.9, 2, 3.9, 4].map(timesRarer)).toEqual([8, 8, 24, 24, 48]);
    const spent = Array.from({ length: 1000 }, (_, i) => 1 / timesRarer(2 ** i)).reduce((a, b) => a + b);
    expect(spent).toBeGreaterThan(0.249);
    expect(spent).toBeLessThan(0.25);
  });

  it('alarm at once with the first, and later only with what is rarer', async () => {
    expect(await weigh('x', 1)).toEqual({ look: 1, needed: null, rarity: null, alarms: true });
    expect(await weigh('.x', 23.9)).toEqual({ look: 2, needed: 24, rarity: 23.9, alarms: false });
    expect(await weigh('...x', 48)).toEqual({ look: 4, needed: 48, rarity: 48, alarms: true });
    const few = read('.x').map((look, i) => ({ ...look, rows: 1000 + i }));
    expect(await weighLooks(few, async () => 8)).toMatchObject({ look: 2, needed: 8, alarms: true });
  });

  it('count only where something could be said, and rows that are the same once', async () => {
    expect(await weigh('??x', 1)).toMatchObject({ look: 1, alarms: true });
    const again = read('..x').map((look) => ({ ...look, rows: 100 }));
    expect(await weighLooks(again, async () => 1)).toMatchObject({ look: 1, alarms: true });
  });

  it('need no more of drift that has alarmed, which may come back', async () => {
    expect(await weigh('x.x', 1)).toMatchObject({ look: 3, needed: null, alarms: true });
    expect(await weigh('x.', 1)).toMatchObject({ look: 2, alarms: false });
    // What was too little has not alarmed.
    expect(await weigh('.xx', 7)).toMatchObject({ look: 3, needed: 24, alarms: false });
    expect(await weigh('.xx', 24)).toMatchObject({ look: 3, needed: null, alarms: true });
  });
});

const COLUMNS = 2;
/** Healthy windows that may be judged as drift, and the windows that are looked at, and how often. */
const CHOSEN = 0.05;
const WINDOWS = 100;
const LOOKS = 10;
const FIRST = 100;
const POLICY: JudgePolicy = { ...DEFAULT_POLICY, besides: BESIDES };

/** A reference whose days are moved a little, each as it is, and limits for them: no test alone knows them for healthy. */
function startWorld(seed: number) {
  const random = xoshiro128(seed);
  const table = (rows: number): number[][] =>
    Array.from({ length: COLUMNS }, () => {
      const moved = 0.15 * normalDeviate(random);
      return Array.from({ length: rows }, () => moved + normalDeviate(random));
    });
  const pinned = Array.from({ length: COLUMNS }, (_, i) => {
    const column = numbers(Array.from({ length: 800 }, () => normalDeviate(random)));
    return { name: `c${i}`, column, profile: profileOf({ [`c${i}`]: column }).columns[0]! };
  });
  const columnsOf = (window: readonly number[][]): JudgeColumn[] =>
    pinned.map(({ name, column, profile }, i) => ({
      ...{ name, profile, reference: column, role: 'feature' },
      window: numbers(window[i] ?? []),
    }));
  const healthy = Array.from({ length: 200 }, () =>
    healthyEffects(judge({ columns: columnsOf(table(FIRST)), policy: POLICY })),
  );
  const limits = { ...POLICY, calibration: calibrate(healthy, { perWindow: CHOSEN, drifted: 1 }) };
  return { table, columnsOf, limits };
}

type World = ReturnType<typeof startWorld>;

/** The look at which a window alarms: by the looks there were, and by each verdict alone. Infinity: at none. */
async function watch({ columnsOf, limits }: World, rows: readonly number[][], late: number) {
  const looks: Look[] = [];
  const rarities = new Map<string, number>();
  let [spent, free] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let look = 1; look <= LOOKS && !Number.isFinite(spent); look++) {
    const count = FIRST + (look - 1) * late;
    const window = rows.map((values) => values.slice(0, count));
    const { dataset, columns } = judge({ columns: columnsOf(window), policy: limits });
    if (dataset.verdict === 'drift') free = Math.min(free, look);
    const found = columns.map(({ effect, findings, ...column }) => {
      const null95 = findings.find(({ measure }) => measure === effect?.measure)?.null95 ?? null;
      return { ...column, effect, null95, weight: 1 };
    });
    rarities.set(`${look}`, rarityOf(found, [], limits));
    looks.push({ id: `${look}`, verdict: dataset.verdict, rows: count });
    if ((await weighLooks(looks, async (id) => rarities.get(id) ?? 0)).alarms) spent = look;
  }
  return { spent, free };
}

describe('windows of rows that come late, looked at ten times', () => {
  let worlds: readonly World[];
  beforeAll(() => {
    worlds = [1, 2, 3, 4].map(startWorld);
  });

  it('alarm no more often than was chosen while they are healthy, which they would without a budget', async () => {
    const found: { spent: number; free: number }[] = [];
    for (const [w, world] of worlds.entries()) {
      // A trickle, and rows that come in equal parts.
      const late = w % 2 === 0 ? 5 : FIRST;
      for (let i = 0; i < WINDOWS; i++) {
        found.push(await watch(world, world.table(FIRST + (LOOKS - 1) * late), late));
      }
    }
    const share = (of: 'spent' | 'free') => found.filter((one) => Number.isFinite(one[of])).length / found.length;
    const error = Math.sqrt((CHOSEN * (1 - CHOSEN)) / found.length);
    expect(share('spent')).toBeLessThan(CHOSEN + error);
    expect(share('free')).toBeGreaterThan(CHOSEN + 4 * error);
  });

  it('alarm soon where what comes late has drifted', async () => {
    const looks = [];
    for (const world of worlds) {
      const rows = world.table(FIRST * LOOKS);
      for (let row = FIRST; row < FIRST * LOOKS; row++) rows[1]![row]! += 1.5;
      looks.push((await watch(world, rows, FIRST)).spent);
    }
    expect(Math.max(...looks)).toBeLessThanOrEqual(3);
  });
});
