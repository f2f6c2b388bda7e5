import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PACKAGE_ROOT } from '../src/root.ts';

const read = (name: string): string => readFileSync(join(PACKAGE_ROOT, name), 'utf8');

/** What the image is made of, of this folder. */
const copied = [...read('Dockerfile').matchAll(/^COPY (?!--from)(.+) \S+$/gm)].flatMap(([, names]) =>
  names!.split(' '),
);

describe('the image', () => {
  it('is made of what there is', () => {
    expect(copied).toContain('src');
    expect(copied.filter((name) => !existsSync(join(PACKAGE_ROOT, name)))).toEqual([]);
  });

  it('is given all of it, and nothing else', () => {
    const [all, ...but] = read('.dockerignore').trim().split('\n');
    expect(all).toBe('*');
    expect(but.toSorted()).toEqual(copied.map((name) => `!${name}`).toSorted());
  });

  it('builds by a script that there is', () => {
    const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> };
    const run = [...read('Dockerfile').matchAll(/npm run (\S+)/g)].map(([, name]) => name!);
    expect(run).toHaveLength(1);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(run));
  });
});

describe.each(['Dockerfile', 'compose.yaml'])('what %s sets', (name) => {
  it('is read by the service', () => {
    const set = new Set(read(name).match(/\b(TIDEMARK_[A-Z_]+|DATABASE_URL)\b/g));
    const known = new Set(read('src/config.ts').match(/\b(TIDEMARK_[A-Z_]+|DATABASE_URL)\b/g));
    expect(set.size).toBeGreaterThan(1);
    expect([...set].filter((variable) => !known.has(variable))).toEqual([]);
  });
});
