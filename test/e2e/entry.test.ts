import { afterEach, describe, expect, test } from 'vitest';
import { makeFolder, type RunningService, removeFolder, startService } from './service.ts';

const folders: string[] = [];
let service: RunningService | undefined;
afterEach(async () => {
  await service?.end();
  for (const folder of folders.splice(0)) removeFolder(folder);
});

async function start(data: string, host: string, demo = 'off'): Promise<RunningService> {
  folders.push(data);
  service = await startService({ data, env: { TIDEMARK_HOST: host, TIDEMARK_DEMO: demo } });
  return service;
}

const statusOf = async (key: string | null): Promise<number> => {
  const headers: Record<string, string> = key === null ? {} : { authorization: `Bearer ${key}` };
  return (await fetch(`${service?.url}/v1/keys`, { headers })).status;
};

describe('who is let in', () => {
  test('where others reach it, the first start prints the key that enters, once, and plays no demo', async () => {
    const data = makeFolder('entry');
    const first = await start(data, '0.0.0.0', 'on');
    const key = /^ {2}(tmk_\S+)$/m.exec(first.said())?.[1] ?? '';
    expect(first.said()).toContain('This admin key was made. It is shown this once; keep it:');
    expect(first.said()).not.toContain('filling the project');
    expect(await statusOf(null)).toBe(401);
    expect(await statusOf(key)).toBe(200);
    await first.end();
    const second = await start(data, '0.0.0.0');
    expect(second.said()).not.toContain('tmk_');
    expect(await statusOf(key)).toBe(200);
  });

  test('on this machine alone it says loudly that it is open', async () => {
    const open = await start(makeFolder('entry'), '127.0.0.1');
    expect(open.said().match(/^tidemark: OPEN: no API key has been made/gm)).toHaveLength(1);
    expect(await statusOf(null)).toBe(200);
  });
});
