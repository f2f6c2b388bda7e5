import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { listen } from '../../../src/http/server.ts';
import { PACKAGE_ROOT } from '../../../src/root.ts';
import { type DatasetService, startDatasetService } from '../../support/datasets.ts';

/** The command line as people run it, against the real routes on a port. */
export type Stage = DatasetService & {
  readonly url: string;
  /** A folder of this test's own; paths on the line are relative to it. */
  readonly folder: string;
  /** Method and path of every request that came. */
  readonly requests: string[];
  /** Happens before each request is looked at, which is named as in `requests`. */
  before: (request: string) => Promise<void>;
  readonly tidemark: (...line: string[]) => Promise<Ran>;
};

export type Ran = { readonly code: number | null; readonly out: string; readonly err: string };

/** @param options `index`: digests are kept between two runs, as for people who have a home. */
export async function startStage(options: { readonly index?: boolean } = {}): Promise<Stage> {
  const service = await startDatasetService();
  const requests: string[] = [];
  const app = Object.assign(Object.create(service.app) as typeof service.app, {
    fetch: async (...given: Parameters<typeof service.app.fetch>) => {
      const request = `${given[0].method} ${new URL(given[0].url).pathname}`;
      requests.push(request);
      await stage.before(request);
      return service.app.fetch(...given);
    },
  });
  const server = await listen(app, { host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${server.port}`;
  const folder = await mkdtemp(join(tmpdir(), 'tidemark-cli-'));
  const cache = join(folder, '.cache');
  const stage: Stage = {
    ...service,
    url,
    folder,
    requests,
    before: async () => {},
    tidemark: (...line) => run(folder, url, line, options.index === true ? { TIDEMARK_CACHE: cache } : {}),
    close: async () => {
      await server.close(1000);
      await service.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return stage;
}

/** All that a command is told of this process's environment: what is compiled is found again in the next command. */
const { PATH, NODE_COMPILE_CACHE } = process.env;

/** Runs `tidemark …` in a process of its own, with nothing of this one's environment but the address. */
export async function run(
  folder: string,
  url: string,
  line: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Ran> {
  const entry = join(PACKAGE_ROOT, 'src', 'cli.ts');
  const child: ChildProcess = spawn(process.execPath, [entry, ...line], {
    cwd: folder,
    env: { PATH, NODE_COMPILE_CACHE, TIDEMARK_URL: url, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr?.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, out, err };
}
