import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Act, day, MODEL, startAct } from '../domain/retraining/act.ts';
import { expectPage, type Look, linksIn, lookAt } from './look.ts';

/** Drift, an alert, its messages and a run that waits for its pipeline: every page has something to show. */
let act: Act;
let look: Look;
beforeAll(async () => {
  act = await startAct();
  look = lookAt(act.ctx);
  await act.logDay(0);
  await act.logDay(1);
  for (const n of [2, 3, 4]) await act.logDay(n, { shift: 1 });
  await act.drain();
});
afterAll(() => act.close());

const at = (n: number): string => encodeURIComponent(new Date(day(n)).toISOString());
const base = `/p/default/models/${MODEL}`;

/** The lines that a page offers to copy, as they are copied. */
const commandsIn = (page: string): string[] =>
  [...page.matchAll(/<pre>(curl [^<]*)/g)].map(([, text = '']) =>
    text.replaceAll('&#39;', "'").replaceAll('&quot;', '"').replaceAll('&amp;', '&'),
  );

async function run(line: string): Promise<void> {
  const form = /^curl -sS (?:-X (\w+) )?'http:\/\/[^/]+([^']+)' .* -d '([^']+)'$/;
  const [, method = 'POST', path = '', body = 'null'] = form.exec(line) ?? [];
  const { status } = await act.call(method, path, JSON.parse(body) as object);
  expect(status, line).toBeLessThan(300);
}

const first = async (path: string): Promise<string> => {
  const { body } = await act.call<{ items: { id: string }[] }>('GET', path);
  return body.items[0]?.id ?? '';
};

describe('pages of a project in motion', () => {
  it('are all reached from the overview and answer under the policy', async () => {
    const seen = new Set<string>();
    const queue = ['/p/default'];
    for (let path = queue.shift(); path !== undefined; path = queue.shift()) {
      if (seen.has(path)) continue;
      seen.add(path);
      const page = await look(path);
      expectPage(page);
      // Hundreds of predictions are alike.
      const alike = (link: string) => link.includes('/predictions') && path.includes('/predictions');
      queue.push(...linksIn(page).filter((link) => !alike(link)));
    }
    for (const part of ['/versions/v1', `${base}/monitors/daily/windows/`, '/columns/income?', '/alerts/', '/runs/']) {
      expect([...seen].filter((path) => path.includes(part)).length, part).toBeGreaterThan(0);
    }
    expect([...seen].some((path) => path.includes('/webhooks/messages/'))).toBe(true);
  });

  it('begin with what is open', async () => {
    const page = await look('/p/default');
    expect(page.text).toContain('1 model watched, 1 alert firing.');
    expect(page.text).toContain('alert-line firing');
    expect(page.text).toContain('1\u202f500');
  });

  it('find predictions and tell all that is known of one', async () => {
    const list = await look(`${base}/predictions?where=${encodeURIComponent('age > 0')}`);
    expectPage(list);
    expect(list.text).toContain('50 found in ');
    const one = linksIn(list).find((path) => path.includes(`${base}/predictions/`)) ?? '';
    const page = await look(one);
    expectPage(page);
    expect(page.text).toContain('income');
    expect(page.text).toContain('/monitors/daily/windows/');
    const id = decodeURIComponent(one.split('/').at(-1) ?? '');
    const found = await look(`${base}/predictions?id=${encodeURIComponent(id)}&where=`);
    expect(linksIn(found).filter((path) => path.includes(`${base}/predictions/`))).toEqual([one]);
    expectPage(await look(`${base}/predictions?where=${encodeURIComponent('age >')}`), 422);
    expectPage(await look(`${base}/predictions?from=never`), 400);
    expectPage(await look(`${base}/predictions/nobody`), 404);
  });

  it('draw windows by columns, the drifted column first', async () => {
    const page = await look(base);
    const names = [...page.text.matchAll(/<title>(\w+) \((?:feature|score|prediction)\)/g)].map((match) => match[1]);
    expect(names[0]).toBe('income');
    expect(new Set(names)).toEqual(new Set(['age', 'income', 'prediction', 'region', 'score']));
    // At least the two windows in which incomes moved; a twentieth of what is found may be chance.
    expect(page.text.match(/class="mark"/g)?.length).toBeGreaterThanOrEqual(2);
    expect(page.text).toContain('ROC AUC');
  });

  it('say of a window what it was computed from and how to compute it again', async () => {
    const page = await look(`${base}/monitors/daily/windows/${at(2)}`);
    expect(page.text).toContain('<span class="state drift">drift</span>');
    expect(page.text).toMatch(/npx tidemark replay rep_\w+/);
    expect(page.text).toContain('credit</bdi>@v1');
    const open = await look(`${base}/monitors/daily/windows/${at(4)}`);
    expectPage(open);
    expect(open.text).toContain('Open: closes once events pass');
    expect(open.text).toContain('Why it is not judged, and what it takes');
    expect(page.text).not.toContain('Why it is not judged');
  });

  it('hold a column against its reference', async () => {
    const page = await look(`${base}/monitors/daily/columns/income?window=${at(3)}`);
    expect(page.text).toContain('is above its limit');
    expect(page.text).toContain('Kolmogorov-Smirnov');
    expect(page.text).toContain('class="ref"');
    expect(page.text).toContain(`/columns/income?window=${at(2)}`);
    expectPage(await look(`${base}/monitors/daily/columns/income`));
    expectPage(await look(`${base}/monitors/daily/columns/unknown?window=${at(3)}`), 404);
    expectPage(await look(`${base}/monitors/daily/columns/income?window=never`), 400);
  });

  it('tell an alert from its first breach to the run that it started', async () => {
    const page = await look(`/p/default/alerts/${await first('/v1/alerts')}`);
    expect(page.text).toMatch(/drifts in [12] of 5 columns since <time [^>]*>2026-01-07</);
    expect(page.text).toContain('Drift lasted as many windows as the monitor asks for.');
    expect(page.text).toContain('A retraining run was started.');
    expect(page.text).toContain('alert.firing');
    expect(page.text).toMatch(/class="try good"[^>]*>2\d\d/);
  });

  it('show how far a run came, without its token', async () => {
    const page = await look(`/p/default/runs/${await first('/v1/runs')}`);
    expect(page.text.match(/<li class="done">/g)).toHaveLength(2);
    const message = linksIn(page).find((path) => path.includes('/messages/')) ?? '';
    const body = await look(message);
    expect(page.text).toContain('From the data to the model');
    for (const step of ['was watched in', 'raised', 'started']) expect(page.text).toContain(step);
    expect(body.text).toContain('[hidden]');
    expect(body.text).toContain('retraining.requested');
  });

  it('say what each message is about, what was asked and answered, and how it is sent again', async () => {
    const page = await look('/p/default/webhooks');
    const alert = `/p/default/alerts/${await first('/v1/alerts')}`;
    expect(linksIn(page)).toContain(alert);
    const message = await look(linksIn(page).find((path) => path.includes('/messages/')) ?? '');
    expect(message.text).toMatch(/what was asked[\s\S]*webhook-signature/);
    const lines = [...commandsIn(message.text), ...commandsIn(page.text)];
    expect(lines).toHaveLength(5);
    // The last of them switches the receiver off; then its page offers to switch it on again.
    for (const line of lines) await run(line);
    const [again = ''] = commandsIn((await look('/p/default/webhooks')).text);
    await run(again);
    expect(commandsIn((await look('/p/default/webhooks')).text)).toHaveLength(4);
  });

  it('tell what holds a policy back, what asked for its runs, and what it would have done', async () => {
    const page = await look('/p/default/policies/on-drift');
    expectPage(page);
    expect(page.text).toMatch(/run in flight/);
    expect(page.text).toContain('What would lift it');
    expect(page.text).toMatch(/Would have started<\/dt><dd>1</);
    expect(linksIn(page).some((path) => path.includes('/runs/run_'))).toBe(true);
    expect(page.text).toContain('state started');
  });
});
