import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const FOLDER = new URL('../dist/src/domain/joined/', import.meta.url);
const modules = readdirSync(FOLDER).filter((name) => name.endsWith('.js'));
const textOf = (name: string): string => readFileSync(new URL(name, FOLDER), 'utf8');
const isThere = (place: string): boolean => existsSync(new URL(place, FOLDER));

/** What the build joined lies elsewhere than its sources, and nobody is told when a place is no longer right. */
describe('a module that was joined with what it imports', () => {
  it('starts threads by files that are there', () => {
    const started = modules.flatMap((name) =>
      [...textOf(name).matchAll(/new URL\(`(\.[^`$]*)\$\{extname/g)].map(([, place]) => `${place}.js`),
    );
    expect(started).toContain('./compare-column-work.js');
    expect(started.filter((place) => !isThere(place))).toEqual([]);
  });

  it('finds its kernels', () => {
    const lists = modules.flatMap((name) =>
      [...textOf(name).matchAll(/of \[([^\]]*\.wasm"[^\]]*)\]/g)].map(([, list = '']) => list),
    );
    expect(lists).toHaveLength(2);
    for (const list of lists)
      expect([...list.matchAll(/"([^"]*)"/g)].some(([, place = '']) => isThere(place))).toBe(true);
  });

  it('throws errors of the one class that the others know', () => {
    const own = fileURLToPath(new URL('../../errors.js', FOLDER));
    expect(existsSync(own)).toBe(true);
    for (const name of modules) expect(textOf(name)).not.toContain('class TidemarkError');
    expect(modules.some((name) => textOf(name).includes('from "../../errors.js"'))).toBe(true);
  });
});
