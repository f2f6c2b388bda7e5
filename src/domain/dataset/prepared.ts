import type { Db } from '../../store/postgres/db.ts';
import type { Recording } from './record-version.ts';

/** What a version will hold. */
export type Contents = Pick<Recording, 'oid' | 'path' | 'files' | 'bytes' | 'sha256Root' | 'provenance' | 'executable'>;

/** Contents whose bytes are durable, and what makes their objects the project's in the version's transaction. */
export type Prepared = { readonly contents: Contents; readonly bind: (tx: Db) => Promise<void> };
