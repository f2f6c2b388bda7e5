import { freePort } from '../support/free-port.ts';
import { type Api, createApi } from './api.ts';
import { type Barrier, type Halt, type HoldingReceiver, openBarrier, startHoldingReceiver } from './halts.ts';
import { quiet } from './main-job.ts';
import { makeFolder, type RunningService, removeFolder, startService, until } from './service.ts';

/** A service on a database that outlives it, and a receiver: the service may be killed at any halt and comes back. */
export type StoryStage = {
  readonly url: string;
  readonly folder: string;
  /** Calls of clients who try again while the service is away. */
  readonly api: Api;
  /** Resolves when nothing is due or running any more. */
  readonly quiet: () => Promise<void>;
  readonly receiver: HoldingReceiver;
  readonly barrier: Pick<Barrier, 'halt' | 'reading'>;
  /** Does something during which the service is killed once at each halt, in this order. */
  readonly through: <T>(halts: readonly Halt[], act: () => Promise<T>) => Promise<T>;
  /** The names of the halts at which it was killed. */
  readonly killed: readonly string[];
  readonly end: () => Promise<void>;
};

/** @param kill false: nothing is disturbed, whatever halts are named. */
export async function openStoryStage(databaseUrl: string, kill: boolean): Promise<StoryStage> {
  const folder = makeFolder('story');
  const receiver = await startHoldingReceiver();
  const barrier = openBarrier(databaseUrl);
  const port = await freePort();
  const env = { DATABASE_URL: databaseUrl, TIDEMARK_WEBHOOK_ALLOW: new URL(receiver.url).host };
  const start = (): Promise<RunningService> => startService({ data: `${folder}/data`, port, env });
  let service = await start();
  const killed: string[] = [];

  const strike = async (halts: readonly Halt[]): Promise<void> => {
    for (const [i, halt] of halts.entries()) {
      await halt.reached();
      await service.end('SIGKILL');
      killed.push(halt.name);
      await barrier.bury();
      await halt.clear();
      // Set before the service is back, so that nothing slips past.
      await halts[i + 1]?.set();
      service = await start();
    }
  };

  return {
    url: service.url,
    folder,
    api: persistent(service.url),
    quiet: () => insist(() => quiet({ url: service.url })),
    receiver,
    barrier,
    through: async (halts, act) => {
      if (!kill) return act();
      await halts[0]?.set();
      const [done] = await Promise.all([act(), strike(halts)]);
      return done;
    },
    killed,
    end: async () => {
      await service.end();
      await barrier.end();
      await receiver.close();
      removeFolder(folder);
    },
  };
}

/** Every call of the story may be repeated. */
function persistent(url: string): Api {
  const api = createApi(url);
  return {
    get: (path) => insist(() => api.get(path)),
    post: (path, body, headers) => insist(() => api.post(path, body, headers)),
    put: (path, body) => insist(() => api.put(path, body)),
    patch: (path, body) => insist(() => api.patch(path, body)),
  };
}

/** Again and again while the service is away. */
async function insist<T>(call: () => Promise<T>): Promise<T> {
  const { done } = await until('the service to be back', async () => {
    try {
      return { done: await call() };
    } catch (error) {
      const away = error instanceof TypeError || (error instanceof Error && error.message.includes(': 503 '));
      if (away) return null;
      throw error;
    }
  });
  return done;
}
