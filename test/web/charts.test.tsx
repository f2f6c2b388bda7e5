import { describe, expect, it } from 'vitest';
import { Heatmap } from '../../src/web/charts/heatmap.tsx';
import { barsOf, equalWidths } from '../../src/web/charts/histogram.ts';
import { Meter } from '../../src/web/charts/meter.tsx';
import { PairedBars } from '../../src/web/charts/paired-bars.tsx';
import { Series } from '../../src/web/charts/series.tsx';
import { MiniBars, Spark } from '../../src/web/charts/spark.tsx';
import {
  formatAge,
  formatBytes,
  formatCount,
  formatDuration,
  formatNumber,
  formatShare,
  formatTime,
  shortOid,
} from '../../src/web/format.ts';
import { linksOf, outsideLink } from '../../src/web/links.ts';

const drawn = (chart: { toString(): string | Promise<string> }): string => {
  const text = String(chart);
  expect(text).not.toMatch(/NaN|Infinity|undefined/);
  return text;
};

const at = (n: number): Date => new Date(Date.UTC(2026, 0, 1 + n));

describe('sparks', () => {
  it('are drawn from nothing, one value, gaps and negative values', () => {
    for (const values of [[], [null, null], [5], [1, null, 3], [-2, 0, 2], [0, 0, 0]]) {
      drawn(<Spark values={values} label="x" />);
      drawn(<Spark values={values} label="x" fit />);
    }
    expect(drawn(<Spark values={[1, 2]} label="rising" />)).toContain('aria-label="rising"');
    for (const shares of [[], [0, 0], [0.2, 0.8]]) drawn(<MiniBars shares={shares} label="x" />);
  });

  it('mark the last known value', () => {
    expect(drawn(<Spark values={[1, 4, null]} label="x" />).match(/<circle/g)).toHaveLength(1);
    expect(drawn(<Spark values={[null]} label="x" />)).not.toContain('<circle');
  });
});

describe('meters', () => {
  it('stop at three times the limit and stand a limit of 0', () => {
    const wide = drawn(<Meter value={30} limit={1} drift label="x" />);
    expect(wide).toContain('class="level drift" x="0" y="4" width="120"');
    drawn(<Meter value={0} limit={0} drift={false} label="x" />);
  });
});

describe('series', () => {
  const point = (n: number, value: number | null) => ({ at: at(n), value, title: `${n}` });

  it('are drawn from none, one and missing points', () => {
    for (const points of [[], [point(0, 1)], [point(0, null)], [point(0, 1), point(1, null), point(2, 3)]]) {
      drawn(<Series points={points} label="x" fromZero />);
    }
  });

  it('link their points, ring the current one and show the limit', () => {
    const points = [
      { ...point(0, 1), href: '/a' },
      { ...point(1, 4), href: '/b', drift: true, current: true },
    ];
    const text = drawn(<Series points={points} label="x" limit={{ value: 2, text: 'limit' }} fromZero />);
    expect(text.match(/<a href="\/[ab]"/g)).toHaveLength(2);
    expect(text.match(/class="ring"/g)).toHaveLength(1);
    expect(text).toContain('class="limit"');
    expect(text).toContain('class="point drift"');
  });

  it('leave out what happened before the first or after the last point', () => {
    const points = [point(2, 1), point(4, 2)];
    const markers = [1, 3, 5].map((n) => ({ at: at(n), text: `day ${n}` }));
    const text = drawn(<Series points={points} label="x" markers={markers} fromZero />);
    expect(text.match(/day \d/g)).toEqual(['day 3']);
  });
});

describe('heat maps', () => {
  const cell = (verdict: string, ratio: number | null) => ({
    verdict,
    ratio,
    measure: 'm',
    effect: ratio,
    limit: ratio === null ? null : 1,
  });

  it('mark drift by a shape, hatch what was not judged, and lead to each cell', () => {
    const text = drawn(
      <Heatmap
        windows={[
          { start: at(0), state: 'no_drift', rows: 10 },
          { start: at(1), state: 'drift', rows: 0 },
        ]}
        columns={[{ name: '<b>', role: 'feature' }]}
        cells={[[cell('insufficient_data', null), cell('drift', 4)]]}
        columnHref={(column, start) => `/${encodeURIComponent(column)}/${start.getUTCDate()}`}
        windowHref={(start) => `/w/${start.getUTCDate()}`}
        markers={[
          { at: at(1), text: 'moved' },
          { at: at(9), text: 'later' },
        ]}
      />,
    );
    expect(text).toContain('class="cell insufficient"');
    expect(text).toContain('class="cell d3"');
    expect(text.match(/class="mark"/g)).toHaveLength(1);
    expect(text).toContain('href="/%3Cb%3E/2"');
    expect(text).toContain('&lt;b&gt;');
    expect(text).toContain('moved');
    expect(text).not.toContain('later');
  });

  it('are drawn without windows', () => {
    const none = { windows: [], columns: [], cells: [], markers: [] };
    drawn(<Heatmap {...none} columnHref={() => ''} windowHref={() => ''} />);
  });
});

describe('paired bars', () => {
  it('stand special bins apart and are drawn without any', () => {
    const bin = { label: 'a', short: 'a', reference: 0.4, window: 0.6, special: false };
    const text = drawn(<PairedBars bins={[bin, { ...bin, label: 'missing', special: true }]} label="x" />);
    expect(text.match(/class="hole"/g)).toHaveLength(1);
    expect(text).toContain('reference 40 %, window 60 %');
    drawn(<PairedBars bins={[]} label="x" />);
  });
});

describe('histograms', () => {
  it('keep all mass, also of what lies outside the range drawn', () => {
    const grid = { edges: [0, 1, 10, 100], at: [5, 0, 2, 1], between: [10, 80, 2], n: 100 };
    for (const range of [
      { low: 0, high: 100 },
      { low: 0, high: 10 },
    ]) {
      const shares = equalWidths(grid, range);
      expect(shares.reduce((sum, share) => sum + share, 0)).toBeCloseTo(1, 12);
    }
    expect(equalWidths(grid, { low: 0, high: 100 })[0]).toBeCloseTo(0.15 + (0.8 * (100 / 26 - 1)) / 9, 12);
  });

  it('draw nothing where there is nothing', () => {
    const empty = {
      kind: 'category',
      name: 'x',
      type: 'text',
      types: ['text'],
      rows: 0,
      nulls: 0,
      absent: 0,
      empty: 0,
      lengths: null,
      distinct: { method: 'exact@1', value: 0, error: 0, registers: null },
      top: { method: 'exact@1', values: [], rest: 0, complete: true, error: 0, unlisted: 0, reason: null },
    } as const;
    expect(barsOf(empty)).toBeNull();
  });
});

describe('numbers and times', () => {
  it('are written as people read them', () => {
    expect(formatCount(1234567)).toBe('1\u202f234\u202f567');
    expect([0, 0.12345678, 3.2e-7, 1e9, null].map(formatNumber)).toEqual(['0', '0.1235', '3.2 × 10⁻⁷', '1.00e+9', '–']);
    expect([0, 0.0004, 0.034, 0.5].map(formatShare)).toEqual(['0 %', '< 0.1 %', '3.4 %', '50 %']);
    expect([0, 999, 1000, 216859, 2e12].map(formatBytes)).toEqual(['0 B', '999 B', '1.0 kB', '217 kB', '2.0 TB']);
    expect([1, 90, 3600, 86_400, 2_419_200].map(formatDuration)).toEqual([
      '1 second',
      '90 seconds',
      '1 hour',
      '1 day',
      '28 days',
    ]);
    expect(formatTime(at(0))).toBe('2026-01-01');
    expect(formatTime('2026-01-01T09:30:00Z')).toBe('2026-01-01 09:30');
    expect(formatAge(at(0), at(3))).toBe('3 days ago');
    expect(formatAge(at(3), at(0))).toBe('just now');
    expect(shortOid('d41d8cd98f00b204e9800998ecf8427e.dir')).toBe('d41d8cd9….dir');
  });
});

describe('links', () => {
  it('escape every name as one segment', () => {
    const links = linksOf('a/b');
    expect(links.model('../x?y#z')).toBe('/p/a%2Fb/models/..%2Fx%3Fy%23z');
    expect(links.version('d', 3)).toBe('/p/a%2Fb/datasets/d/versions/v3');
  });

  it('lead outside by the schemes of the web alone', () => {
    expect(outsideLink('https://ci.example/1')).toBe('https://ci.example/1');
    for (const address of ['javascript:alert(1)', 'data:text/html,x', 'no address', null]) {
      expect(outsideLink(address)).toBeNull();
    }
  });
});
