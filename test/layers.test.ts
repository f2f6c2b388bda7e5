import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { findFaults, findStrayTests, RULES, readSources } from './support/layers.ts';
import { readSourceText } from './support/source-text.ts';

const sources = readSources(fileURLToPath(new URL('..', import.meta.url)));

describe('the sources', () => {
  test('keep to the dependency table, the purity set and the budgets', () => {
    expect(findFaults(sources)).toEqual([]);
  });

  test('are mirrored by the folders of their tests', () => {
    const entries = readdirSync(new URL('.', import.meta.url), { recursive: true, withFileTypes: true });
    const here = fileURLToPath(new URL('.', import.meta.url));
    const folders = entries.flatMap((entry) =>
      entry.isDirectory() ? relative(here, join(entry.parentPath, entry.name)) : [],
    );
    expect(findStrayTests(folders, sources)).toEqual([]);
    expect(findStrayTests(['stats/verdict', 'stats/verdicts', 'e2e/any', 'store'], sources)).toEqual([
      'stats/verdicts',
    ]);
  });

  test('are all seen, each row of the table included', () => {
    expect(sources.size).toBeGreaterThan(200);
    const unused = RULES.filter(({ unit }) => ![...sources.keys()].some((path) => path.startsWith(unit)));
    expect(unused).toEqual([]);
    const edges = [...sources.values()].reduce((sum, text) => sum + readSourceText(text).imports.length, 0);
    expect(edges).toBeGreaterThan(sources.size);
  });
});

/** A small project without a fault, in which each fault below is planted alone. */
const CLEAN: Readonly<Record<string, string>> = {
  'src/errors.ts': 'export class TidemarkError extends Error {}\n',
  'src/config.ts': "import { z } from 'zod';\nexport const port = Number(process.env.PORT);\n",
  'src/context.ts':
    "import { openDatabase } from './store/postgres/db.ts';\nimport { createComputePool } from './compute/pool.ts';\n",
  'src/stats/psi.ts': "import { sum } from './sum.ts';\nimport { mean } from 'simple-statistics';\n",
  'src/stats/sum.ts': '// Date.now() is not for here, and neither is "process.env"\nexport const sum = 0;\n',
  'src/dvc/hash.ts': "import { createHash } from 'node:crypto';\n",
  'src/formats/csv.ts': "import type { Column } from '../stats/psi.ts';\n",
  'src/webhook/sign.ts': "import { createHmac } from 'node:crypto';\n",
  'src/compute/pool.ts': "import { fork } from 'node:child_process';\nexport type Pool = number;\n",
  'src/store/postgres/db.ts': "import postgres from 'postgres';\nimport { hash } from '../../dvc/hash.ts';\n",
  'src/store/remotes/remote-s3.ts':
    "import { S3Client } from '@aws-sdk/client-s3';\nimport { transact } from '../postgres/db.ts';\n",
  'src/domain/dataset/push.ts':
    "import type { Context } from '../../context.ts';\nimport { transact } from '../../store/postgres/db.ts';\nconst at = new Date(0);\n",
  'src/domain/window/window.ts': "import { sum } from '../../stats/sum.ts';\nexport const window = sum;\n",
  'src/domain/monitor/read.ts': 'export type Monitor = number;\n',
  'src/domain/monitor/close.ts':
    "import { push } from '../dataset/push.ts';\nimport { window } from '../window/window.ts';\n",
  'src/http/app.ts':
    "const code = 'not-found';\nimport { Hono } from 'hono';\nimport { push } from '../domain/dataset/push.ts';\n",
  'src/cli/versions/push.ts': "import { hash } from '../../dvc/hash.ts';\n",
  'src/web/page.tsx': "import { push } from '../domain/dataset/push.ts';\nexport const Page = () => <p>don't</p>;\n",
  'workers/close.ts': "import { close } from '../src/domain/monitor/close.ts';\n",
};

type Plant = { readonly fault: string; readonly path: string; readonly text: string; readonly found: string };

const PLANTS: readonly Plant[] = [
  plant(
    'statistics that query',
    'src/stats/psi.ts',
    "import { db } from '../store/postgres/db.ts';",
    'may not import src/store/postgres/db.ts',
  ),
  plant(
    'statistics that read files',
    'src/stats/psi.ts',
    "import fs from 'node:fs';",
    'may not use the package node:fs',
  ),
  plant(
    'a DVC rule that reads files',
    'src/dvc/hash.ts',
    "import * as fs from 'node:fs';",
    'may not use the package node:fs',
  ),
  plant(
    'a reader that reports',
    'src/formats/csv.ts',
    "export * from '../store/postgres/db.ts';",
    'may not import src/store/postgres/db.ts',
  ),
  plant(
    'a store that decides',
    'src/store/postgres/db.ts',
    "import '../../domain/dataset/push.ts';",
    'may not import src/domain/',
  ),
  plant(
    'a route with SQL',
    'src/http/app.ts',
    "import { db } from '../store/postgres/db.ts';",
    'may not import src/store/postgres/db.ts',
  ),
  plant('a driver in the domain', 'src/domain/dataset/push.ts', "import postgres from 'postgres';", 'package postgres'),
  plant(
    'a command that decides by itself',
    'src/cli/versions/push.ts',
    "import { push } from '../../domain/dataset/push.ts';",
    'may not import src/domain/dataset/push.ts',
  ),
  plant('a package with a like name', 'src/web/page.tsx', "import x from 'hono-extras';", 'package hono-extras'),
  plant(
    'a page that asks a route',
    'src/web/page.tsx',
    "import { app } from '../http/app.ts';",
    'may not import src/http/app.ts',
  ),
  plant(
    'a lazy import',
    'workers/close.ts',
    "const load = () => import('../src/http/app.ts');",
    'may not import src/http/app.ts',
  ),
  plant(
    'a context that is more than a type',
    'src/domain/dataset/push.ts',
    "import { open } from '../../context.ts';",
    'may not import src/context.ts',
  ),
  plant(
    'a type among values',
    'src/domain/dataset/push.ts',
    "import { type Context, open } from '../../context.ts';",
    'may not import src/context.ts',
  ),
  plant(
    'a pool of its own',
    'src/domain/dataset/push.ts',
    "import { openDatabase } from '../../store/postgres/db.ts';",
    'picks an implementation',
  ),
  plant(
    'a remote by name',
    'src/domain/dataset/push.ts',
    "import { S3 } from '../../store/remotes/remote-s3.ts';",
    'picks an implementation',
  ),
  plant('the environment', 'src/http/app.ts', 'const port = process.env.PORT;', 'reads the environment'),
  plant(
    'the environment by another way',
    'src/http/app.ts',
    "const port = process['env'].PORT;",
    'reads the environment',
  ),
  plant(
    'the environment in a template',
    'src/http/app.ts',
    `const at = \`port \${process.env.PORT}\`;`,
    'reads the environment',
  ),
  plant('a print', 'src/store/postgres/db.ts', "console.log('here');", 'writes to the console'),
  plant('the clock in a statistic', 'src/stats/sum.ts', 'const at = Date.now();', 'is pure and names Date.now'),
  plant('the clock in a noun', 'src/domain/window/window.ts', 'const at = new Date();', 'is pure and names new Date()'),
  plant('chance in a statistic', 'src/stats/sum.ts', 'const seed = Math.random();', 'is pure and names Math.random'),
  plant(
    'chance from another source',
    'src/webhook/sign.ts',
    "import { randomBytes } from 'node:crypto';",
    'is pure and names randomBytes',
  ),
  plant('a call home', 'src/stats/sum.ts', "await fetch('https://example.com');", 'is pure and names fetch('),
  plant(
    'a noun that does I/O',
    'src/domain/window/window.ts',
    "import { transact } from '../../store/postgres/db.ts';",
    'is pure and imports',
  ),
  plant('a file cycle', 'src/stats/sum.ts', "import { psi } from './psi.ts';", 'file cycle'),
  plant('a file cycle of types', 'src/stats/sum.ts', "import type { Psi } from './psi.ts';", 'file cycle'),
  plant(
    'a cycle of nouns',
    'src/domain/dataset/push.ts',
    "import type { Monitor } from '../monitor/read.ts';",
    'folder cycle',
  ),
  plant(
    'a cycle of folders in the store',
    'src/store/postgres/db.ts',
    "import { S3 } from '../remotes/remote-s3.ts';",
    'folder cycle',
  ),
  plant(
    'a decision about a monitor that queries',
    'src/domain/configuration/config.ts',
    "import { read } from '../monitor/read.ts';",
    'is pure and imports',
  ),
  plant('the clock in a shape', 'schemas/wire/monitors.ts', 'const at = new Date();', 'is pure and names new Date()'),
  plant(
    'a code that nothing raises',
    'src/errors.ts',
    "export const ERROR_CODES = ['not-found', 'too-late'] as const;",
    'nothing raises too-late',
  ),
  plant(
    'a file for whatever is left over',
    'src/domain/window/window-utils.ts',
    'export const left = 1;',
    'has a name that',
  ),

  plant('any', 'src/http/app.ts', 'const body = value as any;', 'uses any'),
  plant('a list of any', 'src/http/app.ts', 'const list: Array<any> = [];', 'uses any'),
  plant('a long file', 'src/http/app.ts', '\n'.repeat(300), 'more than 300'),
  plant(
    'a comment about a file that was renamed',
    'src/http/app.ts',
    '/** See `store/db.ts` for why. */',
    'a comment names store/db.ts, which is not there',
  ),
  plant('a missing file', 'src/http/app.ts', "import '../domain/gone.ts';", 'which is not there'),
  plant('a folder nobody listed', 'src/utils/misc.ts', 'export const misc = 1;', 'belongs to no unit'),
];

function plant(fault: string, path: string, line: string, found: string): Plant {
  return { fault, path, text: `${CLEAN[path] ?? ''}${line}\n`, found };
}

describe('the check', () => {
  test('finds nothing where nothing is planted', () => {
    expect(findFaults(new Map(Object.entries(CLEAN)))).toEqual([]);
  });

  test.each(PLANTS)('catches $fault', ({ path, text, found }) => {
    const faults = findFaults(new Map(Object.entries({ ...CLEAN, [path]: text })));
    expect(faults.join('\n')).toContain(found);
    expect(faults.join('\n')).toContain(path.split('/').slice(0, 2).join('/'));
  });

  test('is not deceived by comments, strings, patterns and templates', () => {
    const text = [
      "// import a from 'comment'",
      "/* import b from 'block' */",
      'const text = "import c from \'string\'; process.env";',
      'const pattern = /process.env[\'"`]/;',
      `const template = \`it's \${pattern.test(\`process.env \${text}\`) ? { a: 1 } : '}'} console.log\`;`,
      "import real, { type Shape } from './real.ts';",
      "import { type Only } from './only.ts';",
      "type Late = import('./late.ts').Late;",
    ].join('\n');
    const { imports, code } = readSourceText(text);
    expect(imports.map(({ specifier, typeOnly }) => [specifier, typeOnly])).toEqual([
      ['./real.ts', false],
      ['./only.ts', true],
      ['./late.ts', true],
    ]);
    expect(code).toContain('pattern.test(');
    expect(code).not.toMatch(/process|console|comment|block/);
  });
});
