import { Readable } from 'node:stream';
import { TidemarkError } from '../../errors.ts';
import { intake } from '../objects/object-intake.ts';
import { partNotFound, type UploadParts } from './upload-parts.ts';

/** Parts in this process's memory, for tests of what stands on a remote. They have no age. */
export function createMemoryParts(): UploadParts {
  const uploads = new Map<string, Map<number, Uint8Array>>();
  return {
    put: async (upload, number, source, options) => {
      const blocks: Uint8Array[] = [];
      // A Buffer's own `slice` is no copy, and the block is used again.
      const sink = { write: async (block: Uint8Array) => void blocks.push(new Uint8Array(block)) };
      const digests = await intake(source, sink, options);
      const parts = uploads.get(upload) ?? new Map<number, Uint8Array>();
      uploads.set(upload, parts.set(number, Buffer.concat(blocks)));
      return digests;
    },
    list: async (upload) =>
      new Map([...(uploads.get(upload) ?? [])].map(([number, bytes]) => [number, { size: bytes.byteLength }])),
    read: async (upload, number) => {
      const bytes = uploads.get(upload)?.get(number);
      if (bytes === undefined) throw new TidemarkError('not-found', partNotFound(number));
      return Readable.from([bytes]);
    },
    remove: async (upload) => void uploads.delete(upload),
    sweep: async () => 0,
  };
}
