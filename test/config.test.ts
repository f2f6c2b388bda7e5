import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { listVariables, readClientConfig, readConfig } from '../src/config.ts';

import { isTidemarkError } from '../src/errors.ts';

const SECRET = 'a secret key of more than 32 characters';

describe('the configuration', () => {
  it('has a default for everything, and counts an empty variable as unset', () => {
    const empty = {
      TIDEMARK_PORT: '',
      TIDEMARK_DATA: '',
      DATABASE_URL: '',
      TIDEMARK_SECRET_KEY: '',
      TIDEMARK_DEMO: '',
    };
    expect(JSON.stringify(readConfig(empty))).toBe(JSON.stringify(readConfig({})));
    expect(readConfig({})).toMatchObject({
      data: '.tidemark',
      host: '127.0.0.1',
      port: 8490,
      databaseUrl: undefined,
      remote: undefined,
      demo: true,
      publicUrl: undefined,
      webhookAllow: [],
      secretKey: undefined,
      logLevel: 'info',
      limits: { bodyBytes: 8 * 1024 ** 2, batchRows: 10_000_000, computeMilliseconds: 600_000, computeMegabytes: 2048 },
    });
  });

  it('reads each variable', () => {
    const config = readConfig({
      TIDEMARK_DATA: '/data',
      TIDEMARK_HOST: '::1',
      TIDEMARK_PORT: '0',
      DATABASE_URL: 'postgresql://u:p@db/t',
      TIDEMARK_REMOTE: 's3://bucket/prefix',
      TIDEMARK_DEMO: 'off',
      TIDEMARK_PUBLIC_URL: 'https://tide.example/',
      TIDEMARK_WEBHOOK_ALLOW: ' 10.0.0.1 , ,10.1.0.0/16:8080',
      TIDEMARK_SECRET_KEY: SECRET,
      TIDEMARK_LOG_LEVEL: 'debug',
      TIDEMARK_MAX_OBJECT_BYTES: '1',
      TIDEMARK_MAX_BODY_BYTES: '2',
      TIDEMARK_MAX_BATCH_BYTES: '3',
      TIDEMARK_MAX_BATCH_ROWS: '4',
      TIDEMARK_MAX_LINE_BYTES: '5',
      TIDEMARK_COMPUTE_SECONDS: '6',
      TIDEMARK_COMPUTE_MEGABYTES: '70',
    });
    expect(config).toMatchObject({
      data: '/data',
      host: '::1',
      port: 0,
      databaseUrl: 'postgresql://u:p@db/t',
      remote: 's3://bucket/prefix',
      demo: false,
      publicUrl: 'https://tide.example/',
      webhookAllow: ['10.0.0.1', '10.1.0.0/16:8080'],
      secretKey: SECRET,
      logLevel: 'debug',
      limits: {
        objectBytes: 1,
        bodyBytes: 2,
        batchBytes: 3,
        batchRows: 4,
        lineBytes: 5,
        computeMilliseconds: 6000,
        computeMegabytes: 70,
      },
    });
  });

  it.each([
    ['TIDEMARK_PORT', '65536'],
    ['TIDEMARK_PORT', '-1'],
    ['TIDEMARK_PORT', '80.5'],
    ['TIDEMARK_PORT', 'http'],
    ['DATABASE_URL', 'mysql://db'],
    ['TIDEMARK_DEMO', 'maybe'],
    ['TIDEMARK_PUBLIC_URL', 'tide.example'],
    ['TIDEMARK_SECRET_KEY', 'short'],
    ['TIDEMARK_LOG_LEVEL', 'loud'],
    ['TIDEMARK_MAX_BODY_BYTES', '-1'],
    ['TIDEMARK_MAX_BODY_BYTES', 'Infinity'],
    ['TIDEMARK_COMPUTE_SECONDS', '0'],
    ['TIDEMARK_COMPUTE_MEGABYTES', '0'],
    ['TIDEMARK_PUBLIC_URL', 'javascript:alert(1)'],
  ])('names %s when it is %s', (name, value) => {
    try {
      readConfig({ [name]: value, TIDEMARK_HOST: 'x' });
      expect.unreachable('it was taken');
    } catch (error) {
      if (!isTidemarkError(error, 'invalid-configuration')) throw error;
      expect(error.message).toContain(name);
      expect(error.issues.map((issue) => issue.field)).toEqual([name]);
      if (name === 'TIDEMARK_SECRET_KEY') expect(error.message).not.toContain(value);
    }
  });

  it('names all that is wrong at once', () => {
    expect(() => readConfig({ TIDEMARK_PORT: 'a', TIDEMARK_DEMO: 'b' })).toThrow(/TIDEMARK_PORT.*TIDEMARK_DEMO/);
  });

  it('can be printed without its secrets, and not be changed', () => {
    const config = readConfig({ TIDEMARK_SECRET_KEY: SECRET, DATABASE_URL: 'postgres://user:hunter2@db/t' });
    const text = JSON.stringify({ config });
    expect(text).not.toContain(SECRET);
    expect(text).not.toContain('hunter2');
    expect(text).toContain('[set]');
    expect(inspect(config)).not.toContain('hunter2');
    expect(Object.isFrozen(config)).toBe(true);
    // Copies hide them as well: the service makes one to add to it.
    expect(JSON.stringify({ ...config, port: 1 })).not.toContain('hunter2');
  });
});

describe('the variables of the environment', () => {
  const variables = listVariables();

  it('are told with what they mean and what stands for them when they are unset', () => {
    expect(variables.length).toBeGreaterThan(30);
    expect(variables.filter(({ meaning }) => meaning === '')).toEqual([]);
    expect(variables).toContainEqual({ name: 'TIDEMARK_PORT', meaning: 'the port to listen on', fallback: '8490' });
    expect(variables.find(({ name }) => name === 'DATABASE_URL')).toMatchObject({ fallback: '' });
  });

  it.each(variables.filter(({ fallback }) => fallback !== ''))('$name is as good as unset at $fallback', (variable) => {
    const said = readConfig({ [variable.name]: variable.fallback });
    expect(JSON.stringify(said)).toBe(JSON.stringify(readConfig({})));
  });

  it('are more than those that the README names, which sends its reader to them', () => {
    const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
    const rows = readme.split('\n').filter((line) => /^\| `(?:TIDEMARK|DATABASE)_/.test(line));
    const told = rows.flatMap((row) => [...(row.split('|')[1] ?? '').matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name));
    const known = new Set(variables.map(({ name }) => name));
    expect(told.filter((name) => !known.has(name ?? ''))).toEqual([]);
    expect(readme).toContain('serve --help');
  });
});

describe("the client's configuration", () => {
  it('takes the address that is named, else the public one, else the port on this machine', () => {
    expect(readClientConfig({})).toEqual({ url: 'http://127.0.0.1:8490', debug: false });
    expect(readClientConfig({ TIDEMARK_PORT: '1', TIDEMARK_KEY: '', TIDEMARK_PROJECT: 'p' })).toEqual({
      url: 'http://127.0.0.1:1',
      key: undefined,
      project: 'p',
      debug: false,
    });
    expect(readClientConfig({ TIDEMARK_DEBUG: 'on' })).toMatchObject({ debug: true });
    const both = { TIDEMARK_PUBLIC_URL: 'https://a.example', TIDEMARK_URL: 'https://b.example', TIDEMARK_KEY: 'k' };
    expect(readClientConfig(both)).toMatchObject({ url: 'https://b.example', key: 'k' });
  });
});
