import { expect, test } from 'vitest';
import { readConfig } from '../../../src/config.ts';
import { addressOf, INVITED_SECONDS } from '../../../src/domain/object/direct-read.ts';
import { createMemoryRemote } from '../../../src/store/remotes/remote-memory.ts';

const OID = 'd41d8cd98f00b204e9800998ecf8427e';
const reachable = () =>
  Object.assign(Object.create(createMemoryRemote()), { address: async (oid: string, s: number) => `s3:${oid}:${s}` });

test('an object of a remote that gives addresses has one, unless that is not wanted', async () => {
  const on = readConfig({});
  expect(await addressOf({ config: on, remote: reachable() }, OID)).toBe(`s3:${OID}:${INVITED_SECONDS}`);
  const off = readConfig({ TIDEMARK_DIRECT_TRANSFERS: 'off' });
  expect(await addressOf({ config: off, remote: reachable() }, OID)).toBeNull();
});

test('an object of any other has none', async () => {
  expect(await addressOf({ config: readConfig({}), remote: createMemoryRemote() }, OID)).toBeNull();
});
