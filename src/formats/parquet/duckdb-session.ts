/**
 * DuckDB, confined: it sees the named files and nothing else, loads no extension, spills only where told,
 * and its settings are locked before the first foreign byte is read. At most two of its calls run at a time,
 * because each of them holds one of the four threads that all file access of the process shares.
 */
import { type DuckDBConnection, type DuckDBDataChunk, DuckDBInstance, type DuckDBResult } from '@duckdb/node-api';

const MAX_CALLS = 2;
const DEFAULT_MEMORY = 512 * 2 ** 20;

export type SessionOptions = {
  /** Files that may be read or written. */
  readonly paths: readonly string[];
  readonly memoryBytes?: number;
  readonly threads?: number;
  /** A directory for what does not fit into memory; without it, running out of memory is an error. */
  readonly spill?: string;
};

export type DuckDbSession = {
  readonly connection: DuckDBConnection;
  /** Runs a statement and returns all its rows. */
  rows(sql: string): Promise<readonly (readonly unknown[])[]>;
  stream(sql: string): Promise<DuckDBResult>;
  close(): void;
};

/** Opens a confined session. The caller closes it. */
export async function openSession(options: SessionOptions): Promise<DuckDbSession> {
  const instance = await DuckDBInstance.create(':memory:', {
    threads: String(options.threads ?? 2),
    memory_limit: `${Math.floor((options.memoryBytes ?? DEFAULT_MEMORY) / 2 ** 20)}MiB`,
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
    allow_community_extensions: 'false',
    temp_directory: options.spill ?? '',
    preserve_insertion_order: 'true',
  });
  const connection = await instance.connect();
  await connection.run(`SET allowed_paths = [${options.paths.map(sqlText).join(', ')}]`);
  await connection.run('SET enable_external_access = false');
  await connection.run("SET streaming_buffer_size = '16MiB'");
  await connection.run('SET lock_configuration = true');
  return {
    connection,
    rows: (sql) => nativeCall(async () => (await connection.runAndReadAll(sql)).getRows()),
    stream: (sql) => nativeCall(() => connection.stream(sql)),
    close: () => {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

/** The result's chunks, the next one being fetched while the caller works on the current. */
export async function* chunksOf(result: DuckDBResult): AsyncGenerator<DuckDBDataChunk> {
  const fetch = (): Promise<DuckDBDataChunk | null> => nativeCall(() => result.fetchChunk());
  let next = fetch();
  try {
    for (;;) {
      const chunk = await next;
      if (chunk === null || chunk.rowCount === 0) return;
      next = fetch();
      // The failure is thrown by the await above when its turn comes; until then it must not count as unhandled.
      next.catch(() => undefined);
      yield chunk;
    }
  } finally {
    // A session may only be closed when no fetch is under way.
    await next.catch(() => undefined);
  }
}

let running = 0;
const waiting: (() => void)[] = [];

/** Runs a native call when one of the two places is free; first come, first served. */
export async function nativeCall<T>(call: () => Promise<T>): Promise<T> {
  if (running >= MAX_CALLS) await new Promise<void>((resolve) => waiting.push(resolve));
  else running++;
  try {
    return await call();
  } finally {
    const next = waiting.shift();
    if (next === undefined) running--;
    else next();
  }
}

/** A text as an SQL literal. */
export function sqlText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name as an SQL identifier. */
export function sqlName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
