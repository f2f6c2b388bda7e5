import { appendFile, stat } from 'node:fs/promises';

// A child of the compute pool with the tasks that go wrong. It speaks as workers/compute.ts does.
const tasks = {
  echo: (input) => input,
  pid: () => process.pid,
  refuse: () => {
    throw Object.assign(new Error('row 3 is no row'), { code: 'unreadable-data', details: { line: 3 } });
  },
  hang: () => {
    for (;;);
  },
  wait: () => new Promise(() => {}),
  crash: () => process.kill(process.pid, 'SIGSEGV'),
  exit: () => process.exit(3),
  /** Killed so many times, as from outside; each start leaves a byte in the file. */
  struck: async ({ file, times }) => {
    await appendFile(file, '.');
    const { size } = await stat(file);
    if (size > times) return size;
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => {});
  },
  devour: () => {
    const held = [];
    for (;;) held.push(Array.from({ length: 1e5 }, (_, i) => `${i} ${held.length}`));
  },
};
process.on('message', async ({ id, task, input }) => {
  try {
    process.send({ id, output: await tasks[task](input) });
  } catch ({ code, message, details }) {
    process.send({ id, failure: { code, message, details } });
  }
});
process.on('disconnect', () => process.exit(0));
