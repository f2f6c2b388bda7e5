import { expect, test } from 'vitest';
import { renderMetrics } from '../../../src/domain/operations/metrics.ts';
import { RequestMetrics } from '../../../src/domain/operations/request-metrics.ts';
import { ndjson, openLedger, prediction } from '../log/ledger.ts';

test('logged rows are accepted, duplicate or rejected, and a conflict is a duplicate', async () => {
  const ledger = await openLedger();
  try {
    const model = await ledger.model('measured');
    const rows = [prediction(1), prediction(2), prediction(1), prediction(2, { prediction: 9 }), prediction(3)];
    await ledger.send(`/v1/models/${model}/predictions?partial=true`, `${ndjson(rows)}broken\n`);
    await ledger.settle(model);
    const { text } = await renderMetrics(ledger.ctx, new RequestMetrics());
    const outcomes = Array.from(text.matchAll(/^tidemark_log_rows\{.*outcome="(\w+)"\} (\d+)$/gm), (found) => [
      found[1],
      Number(found[2]),
    ]);
    expect(Object.fromEntries(outcomes)).toEqual({ accepted: 3, duplicate: 2, rejected: 1 });
    const node = process.versions.node;
    expect(text).toContain(`\ntidemark_build_info{version="${ledger.ctx.release}",node="${node}"} 1\n`);
  } finally {
    await ledger.close();
  }
});
