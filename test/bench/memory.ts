import { join } from 'node:path';
import { peakMemory, startService } from './child-process.ts';
import type { BenchOptions } from './main.ts';
import { sendFile } from './push.ts';
import { writeRandomFile } from './random-file.ts';
import type { BenchResult } from './report.ts';

/** The most memory that the service ever held, from its start to the end of a push of 2 GiB. */
export async function benchMemory({ folder, quick, place }: BenchOptions): Promise<BenchResult[]> {
  const mebibytes = quick ? 256 : 2048;
  const path = join(folder, 'random.bin');
  writeRandomFile(path, mebibytes, 3);
  const service = await startService(folder, place.service);
  try {
    const before = peakMemory(service.pid);
    const elapsed = await sendFile(service.url, path, 0);
    const after = peakMemory(service.pid);
    return [
      {
        name: 'memory',
        what: `peak RSS of the server during a push of ${mebibytes} MiB`,
        unit: 'MiB',
        value: after.own,
        aim: { at: 'most', value: 300 },
        figures: {
          'before MiB': before.own,
          'largest child MiB': Math.max(0, ...after.children),
          'children MiB': after.children.reduce((sum, child) => sum + child, 0),
          'push MiB/s': (mebibytes / elapsed) * 1000,
        },
      },
    ];
  } finally {
    await service.end();
  }
}
