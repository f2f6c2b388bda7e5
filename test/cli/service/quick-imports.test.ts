import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PACKAGE_ROOT } from '../../../src/root.ts';

test('the service loads its database only after the quick way to it is laid', () => {
  const serve = join(PACKAGE_ROOT, 'src', 'cli', 'service', 'serve.ts');
  const script = `
    import { registerHooks } from 'node:module';
    const seen = [];
    registerHooks({ resolve(name, context, next) { seen.push(name); return next(name, context); } });
    await import(${JSON.stringify(serve)});
    console.log(JSON.stringify([seen.includes('./quick-imports.ts'), seen.some((name) => name.startsWith('drizzle'))]));`;
  const ran = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' });
  expect(ran.stdout).toBe('[true,false]\n');
});
