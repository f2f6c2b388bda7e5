import { type ComputePool, type ComputePoolOptions, createComputePool } from './pool.ts';

/**
 * Two pools as one. What somebody waits for does not queue behind what nobody does, and has processors of its own: the
 * children of the others give way to it, to the service and to its database.
 */
export function createComputeLanes(options: Omit<ComputePoolOptions, 'background'>): ComputePool {
  const behind = createComputePool({ ...options, background: true });
  const ahead = createComputePool({ ...options, children: Math.ceil(options.children / 2), background: false });
  return {
    children: behind.children,
    run: (task, input, given) => (given?.waitedFor === true ? ahead : behind).run(task, input, given),
    close: async () => {
      await Promise.all([behind.close(), ahead.close()]);
    },
  };
}
