import { createMemoryRemote } from '../../../src/store/remotes/remote-memory.ts';
import { describeRemote } from './remote-contract.ts';

describeRemote('memory remote', async () => {
  const remote = createMemoryRemote();
  return {
    remote,
    spoil: async (oid, bytes) => void remote.objects.set(oid, bytes),
    legacy: async (oid) => remote.legacy.get(oid) ?? null,
    spoilLegacy: async (oid, bytes) => void remote.legacy.set(oid, bytes),
    writeLegacy: async (name, bytes) => void remote.legacy.set(name, bytes),
    leftovers: async () => [],
  };
});
