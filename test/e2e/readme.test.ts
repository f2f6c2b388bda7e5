import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeFolder, ROOT, type RunningService, removeFolder, runShell, startService, until } from './service.ts';

/** The `dvc` command; where it is not to be had, what the README does with it is left out. */
const dvc = process.env.DVC;

/** Every command of the README, in its order, as somebody would type it beside their own files. */
const readme = readFileSync(join(ROOT, 'README.md'), 'utf8');
const blocks = [...readme.matchAll(/```sh\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
const commands = blocks.flatMap((block) => block.split('\n')).filter((line) => line.trim() !== '');

let service: RunningService;
let folder: string;

beforeAll(async () => {
  service = await startService();
  folder = makeFolder('readme');
  writeOwnData(folder);
  // Whoever uses dvc has a repository.
  if (dvc !== undefined) runShell(`"${dvc}" init --no-scm --quiet`, { cwd: folder });
});

afterAll(async () => {
  await service.end();
  removeFolder(service.data);
  removeFolder(folder);
});

/** A week of customers: the same in training and production but for their age. */
function writeOwnData(where: string): void {
  const plans = ['basic', 'plus', 'team'];
  const training = ['age,plan,label,prediction,score'];
  const predictions: string[] = [];
  const labels: string[] = [];
  for (let i = 0; i < 2000; i++) {
    const age = 20 + ((i * 7) % 45);
    const score = ((i * 37) % 100) / 100;
    training.push(`${age},${plans[i % 3]},${i % 2},${score > 0.5 ? 1 : 0},${score}`);
    const timestamp = new Date(Date.UTC(2026, 0, 1 + (i % 7), 9, i % 60)).toISOString();
    const features = { age: age + 15, plan: plans[i % 3] };
    predictions.push(
      JSON.stringify({ prediction_id: `p${i}`, timestamp, features, prediction: score > 0.5 ? 1 : 0, scores: score }),
    );
    labels.push(JSON.stringify({ prediction_id: `p${i}`, label: i % 2 }));
  }
  writeFileSync(join(where, 'train.csv'), `${training.join('\n')}\n`);
  writeFileSync(join(where, 'predictions.ndjson'), predictions.join('\n'));
  writeFileSync(join(where, 'labels.ndjson'), labels.join('\n'));
}

/** The README's address and clone, as this test has them. */
function asHere(command: string): string {
  return command
    .replaceAll('http://127.0.0.1:8490', service.url)
    .replaceAll('curl -sS', 'curl -sS --fail-with-body')
    .replace(/^dvc /, `"${dvc}" `)
    .replaceAll('npx tidemark', `node "${join(ROOT, 'src', 'tidemark.mjs')}" --url ${service.url}`);
}

describe('the README', () => {
  test('names the two commands of the clone', () => {
    expect(commands.some((line) => line.startsWith('npm start'))).toBe(true);
    expect(readme).toContain('`npm test`');
  });

  const withDvc = /^dvc |customers/;
  const typed = commands.filter((line) => !line.startsWith('npm ') && (dvc !== undefined || !withDvc.test(line)));
  test.each(typed)('%s', async (command) => {
    // A profile is read a moment after the push; whoever types does not come sooner either.
    const ran = await until(command, async () => {
      const once = runShell(asHere(command), { cwd: folder });
      return once.code === 0 && !once.out.includes('"state":"pending"') ? once : retry(command, once);
    });
    expect(ran.err).not.toMatch(/error|warning/i);
  });

  test('ends with a verdict on its own data', async () => {
    const verdicts = await until('verdicts', async () => {
      const page = await fetch(`${service.url}/v1/models/churn/monitors/daily/windows`);
      const { items } = (await page.json()) as { items: { verdict: string | null; state: string }[] };
      return items.length >= 7 && items.every((item) => item.state === 'judged') ? items.map((i) => i.verdict) : null;
    });
    expect(verdicts).toEqual(Array(7).fill('drift'));
  });

  test('pulled the very bytes that were pushed', () => {
    const pushed = readFileSync(join(folder, 'train.csv'));
    expect(readFileSync(join(folder, 'again.csv')).equals(pushed)).toBe(true);
    expect(readFileSync(join(folder, 'copy', 'train.csv')).equals(pushed)).toBe(true);
  });
});

/** Only a read may be asked again; a mutation that fails the first time is a failure of the README. */
function retry(command: string, ran: { code: number; out: string; err: string }): null {
  // What was pushed with dvc is a version a few seconds later.
  if (/^curl -sS http\S+customers/.test(command)) return null;
  if (ran.code !== 0 || / -d |--data-binary|push|pull/.test(command)) {
    throw new Error(`${command}\n${ran.out}\n${ran.err}`);
  }
  return null;
}
