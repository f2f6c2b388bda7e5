import { existsSync, rmSync, writeFileSync } from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Halt } from './halts.ts';
import { until } from './service.ts';

/** Names the file that holds the links of the process which has loaded this module before anything else. */
const VARIABLE = 'TEST_HOLD_LINKS';

const gate = process.env[VARIABLE];
if (gate !== undefined) {
  const link = promises.link.bind(promises);
  promises.link = async (...given) => {
    if (!existsSync(gate)) return link(...given);
    writeFileSync(reachedAt(gate), '');
    return new Promise(() => {});
  };
  syncBuiltinESMExports();
}

function reachedAt(path: string): string {
  return `${path}-reached`;
}

/**
 * Holds a service where the bytes of an object are durable and proved, and are just to get their name.
 * @param path a file that is there while links are held.
 */
export function heldLinks(path: string): { readonly halt: Halt; readonly env: Readonly<Record<string, string>> } {
  return {
    env: { NODE_OPTIONS: `--import ${pathToFileURL(fileURLToPath(import.meta.url)).href}`, [VARIABLE]: path },
    halt: {
      name: 'an object gets its name',
      set: async () => writeFileSync(path, ''),
      reached: async () => {
        await until('an object to get its name', async () => (existsSync(reachedAt(path)) ? true : null));
      },
      clear: async () => {
        for (const file of [path, reachedAt(path)]) rmSync(file, { force: true });
      },
    },
  };
}
