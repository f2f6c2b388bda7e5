import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { peakMemory, type Running, startService, watchMemory } from './child-process.ts';
import type { BenchOptions } from './main.ts';
import { medianRatio, sink, timesOf } from './measure.ts';
import type { Place } from './place.ts';
import { writeRandomFile } from './random-file.ts';
import type { BenchResult } from './report.ts';

/**
 * `tidemark push` and `pull` through a service, against `dvc add` and `push`, and `dvc pull`, with a remote of its own
 * in the same kind of place; where there is restic, `restic backup` and `restore` of the same folders beside
 * them. Each is a command as people type it, from the start of its process to its end.
 */
export async function benchClient({ folder, quick, place }: BenchOptions): Promise<BenchResult[]> {
  const dvc = process.env.DVC;
  if (dvc === undefined) {
    process.stderr.write('(skipped: DVC does not name the dvc command to compare with) ');
    return [];
  }
  const service = await startService(folder, { TIDEMARK_KEY: '', ...place.service });
  const stage = new Stage(folder, service, { dvc, restic: findRestic(), place });
  try {
    await stage.open();
    const small = { count: quick ? 1000 : 10_000, bytes: 4096, rounds: quick ? 1 : 3 };
    const large = { count: 10, bytes: quick ? 10_000_000 : 100_000_000, rounds: quick ? 1 : 2 };
    return [...(await smallFiles(stage, small)), ...(await largeFiles(stage, large)), memory(stage)];
  } finally {
    await service.end();
  }
}

/** The command; null where it is not to be had. */
function findRestic(): string | null {
  const command = process.env.RESTIC ?? 'restic';
  if (spawnSync(command, ['version']).status === 0) return command;
  process.stderr.write('(without restic, which is not installed; RESTIC may name it) ');
  return null;
}

type Load = { readonly count: number; readonly bytes: number; readonly rounds: number };
/** Milliseconds of each round; none of restic where it is absent. */
type Taken = Readonly<Record<Side, number[]>>;
type Side = 'ours' | 'theirs' | 'restic';

async function smallFiles(stage: Stage, load: Load): Promise<BenchResult[]> {
  const taken = { push: nothing(), pull: nothing(), unchanged: nothing(), kept: nothing(), lost: nothing() };
  for (let round = 0; round < load.rounds; round++) {
    const name = `small-${round}`;
    await stage.prepare(name, load, round);
    await stage.compare(taken.push, round, stage.pushes(name));
    await stage.compare(taken.unchanged, round, stage.pushes(name));
    stage.change(name, 1);
    await stage.compare(taken.kept, round, stage.pushes(name));
    stage.change(name, 2);
    stage.loseIndexes();
    await stage.compare(taken.lost, round, stage.pushes(name));
    await stage.compare(taken.pull, round, stage.pulls(name));
    // Nothing is removed before the last is measured: for minutes after thousands of files were, ext4 passes over
    // their inodes one by one whenever it looks for a free one, and to make a file takes many times as long.
  }
  const files = `${load.count.toLocaleString('en')} x 4 KiB`;
  return [
    ...results('client push small', { dvc: 'dvc add, push', verb: 'push', of: files }, taken.push, 10),
    ...results('client pull small', { dvc: 'dvc pull', verb: 'pull', of: files }, taken.pull, 10),
    ...results('client unchanged', { dvc: 'the same', verb: 'push', of: `${files}, unchanged` }, taken.unchanged, 10),
    ...results('client one changed', { dvc: 'the same', verb: 'push', of: `${files}, one changed` }, taken.kept, 10),
    ...results(
      'client index lost',
      { dvc: 'the same', verb: 'push', of: 'these with all indexes lost' },
      taken.lost,
      10,
    ),
  ];
}

async function largeFiles(stage: Stage, load: Load): Promise<BenchResult[]> {
  const taken = { push: nothing(), pull: nothing() };
  for (let round = 0; round < load.rounds; round++) {
    const name = `large-${round}`;
    await stage.prepare(name, load, 100 + round);
    await stage.compare(taken.push, round, stage.pushes(name));
    await stage.compare(taken.pull, round, stage.pulls(name));
    stage.remove(name);
  }
  const files = `${load.count} x ${load.bytes / 1e6} MB`;
  return [
    ...results('client push large', { dvc: 'dvc add, push', verb: 'push', of: files }, taken.push, 3),
    ...results('client pull large', { dvc: 'dvc pull', verb: 'pull', of: files }, taken.pull, 3),
  ];
}

function memory(stage: Stage): BenchResult {
  const server = peakMemory(stage.service.pid);
  return {
    name: 'client memory',
    what: 'peak RSS of tidemark push and pull in all of this',
    unit: 'MiB',
    value: stage.clientPeak,
    aim: { at: 'most', value: 300 },
    figures: {
      'longest layout after a push, ms': stage.longestLayout,
      'server MiB': server.own,
      'largest child of the server MiB': Math.max(0, ...server.children),
    },
  };
}

const nothing = (): Taken => ({ ours: [], theirs: [], restic: [] });

type Words = { readonly dvc: string; readonly verb: 'push' | 'pull'; readonly of: string };

/** Against dvc, and against restic where it took part: today's best for many small files. */
function results(name: string, { dvc, verb, of }: Words, taken: Taken, aim: number): BenchResult[] {
  const restic = verb === 'push' ? 'restic backup' : 'restic restore';
  return [
    result(name, `${dvc} / tidemark ${verb} of ${of}`, { ours: taken.ours, other: taken.theirs, aim }),
    ...(taken.restic.length === 0
      ? []
      : [
          result(`${name}, restic`, `${restic} / tidemark ${verb} of ${of}`, { ...taken, other: taken.restic, aim: 1 }),
        ]),
  ];
}

function result(
  name: string,
  what: string,
  { ours, other, aim }: { readonly ours: readonly number[]; readonly other: readonly number[]; readonly aim: number },
): BenchResult {
  const [mine, theirs] = [timesOf(ours), timesOf(other)];
  return {
    name,
    what,
    unit: '×',
    value: medianRatio(theirs, mine),
    aim: { at: 'least', value: aim },
    figures: {
      'tidemark ms': mine.median,
      'best ms': mine.min,
      'other ms': theirs.median,
      'best other ms': theirs.min,
    },
  };
}

type Contenders = Readonly<Record<Side, () => Promise<number>>>;

type Others = { readonly dvc: string; readonly restic: string | null; readonly place: Place };

/** A folder for each, with the same files in it, and what they keep between two runs. */
class Stage {
  readonly service: Running;
  clientPeak = 0;
  /** Milliseconds from the end of a push until the remote had all its objects under DVC's names. */
  longestLayout = 0;
  readonly #folder: string;
  readonly #dvc: string;
  readonly #restic: string | null;
  readonly #place: Place;
  readonly #entry = fileURLToPath(new URL('../../src/tidemark.mjs', import.meta.url));

  constructor(folder: string, service: Running, others: Others) {
    this.#folder = folder;
    this.service = service;
    this.#dvc = others.dvc;
    this.#restic = others.restic;
    this.#place = others.place;
  }

  async open(): Promise<void> {
    if (this.#restic !== null) await this.#backup(this.#folder, 'init');
  }

  /** New files of these sizes, with bytes of this seed, once for each of both. */
  async prepare(name: string, load: Load, seed: number): Promise<void> {
    const noise = join(this.#folder, 'noise');
    writeRandomFile(noise, Math.ceil((load.count * load.bytes) / 2 ** 20), seed + 1);
    const bytes = readFileSync(noise);
    const ours = this.#at('ours', name);
    for (let i = 0; i < load.count; i++) {
      const sub = join(ours, 'data', String(i % 100));
      mkdirSync(sub, { recursive: true });
      writeFileSync(join(sub, `${i}.bin`), bytes.subarray(i * load.bytes, (i + 1) * load.bytes));
    }
    rmSync(noise);
    const theirs = this.#at('theirs', name);
    cpSync(ours, theirs, { recursive: true });
    await this.#initialise(theirs);
  }

  change(name: string, turn: number): void {
    for (const side of ['ours', 'theirs'])
      writeFileSync(join(this.#at(side, name), 'data', '7', '7.bin'), `turn ${turn}`);
  }

  loseIndexes(): void {
    for (const index of ['tidemark', 'dvc', 'restic'])
      rmSync(join(this.#folder, 'index', index), { recursive: true, force: true });
  }

  remove(name: string): void {
    for (const side of ['ours', 'theirs', 'pulled']) rmSync(this.#at(side, name), { recursive: true, force: true });
  }

  pushes(name: string): Contenders {
    const theirs = this.#at('theirs', name);
    return {
      ours: async () => {
        const elapsed = await this.#tidemark(this.#at('ours', name), 'push', 'data', '-d', name);
        await this.#laidOut();
        return elapsed;
      },
      theirs: async () =>
        (await this.#run(this.#dvc, ['add', '--quiet', 'data'], theirs)) +
        (await this.#run(this.#dvc, ['push', '--quiet', 'data.dvc'], theirs)),
      // It reads what we read, and changes nothing.
      restic: () => this.#backup(this.#at('ours', name), 'backup', 'data', '--tag', name),
    };
  }

  pulls(name: string): Contenders {
    const pulled = this.#at('pulled', name);
    return {
      ours: async () => {
        mkdirSync(join(pulled, 'ours'), { recursive: true });
        return this.#tidemark(join(pulled, 'ours'), 'pull', name);
      },
      theirs: async () => {
        const work = join(pulled, 'theirs');
        mkdirSync(work, { recursive: true });
        await this.#initialise(work);
        cpSync(join(this.#at('theirs', name), 'data.dvc'), join(work, 'data.dvc'));
        return this.#run(this.#dvc, ['pull', '--quiet'], work);
      },
      restic: () => this.#backup(this.#folder, 'restore', 'latest', '--tag', name, '--target', join(pulled, 'restic')),
    };
  }

  /** One after the other, in an order that turns from round to round. */
  async compare(taken: Taken, round: number, contenders: Contenders): Promise<void> {
    const order: readonly Side[] = this.#restic === null ? ['ours', 'theirs'] : ['ours', 'theirs', 'restic'];
    for (const side of round % 2 === 0 ? order : order.toReversed()) {
      // What one of them left unwritten slows the next: Linux makes writers wait for the disk once there is enough.
      await this.#writeToDisk();
      taken[side].push(await contenders[side]());
    }
  }

  async #writeToDisk(): Promise<void> {
    await this.#run('sync', [], this.#folder);
  }

  /** What the service does after a push must not be done while another one is measured. */
  async #laidOut(): Promise<void> {
    const started = performance.now();
    for (;;) {
      const metrics = await (await fetch(`${this.service.url}/metrics`)).text();
      if (/^tidemark_bundles_waiting 0$/m.test(metrics)) break;
      await setTimeout(100);
    }
    this.longestLayout = Math.max(this.longestLayout, performance.now() - started);
  }

  async #backup(work: string, ...line: string[]): Promise<number> {
    return this.#run(this.#restic ?? '', ['--quiet', '--repo', this.#place.restic.repository, ...line], work);
  }

  #at(side: string, name: string): string {
    return join(this.#folder, side, name);
  }

  async #initialise(work: string): Promise<void> {
    await this.#run(this.#dvc, ['init', '--no-scm', '--quiet'], work);
    const { url, settings } = this.#place.dvc;
    await this.#run(this.#dvc, ['remote', 'add', '--quiet', '--default', 'plain', url], work);
    const lines = Object.entries(settings).map(([name, value]) => `    ${name} = ${value}\n`);
    appendFileSync(join(work, '.dvc', 'config'), lines.join(''));
  }

  async #tidemark(work: string, ...line: string[]): Promise<number> {
    return this.#run(process.execPath, [this.#entry, ...line], work, true);
  }

  /** Milliseconds from the start of the process to its end. */
  async #run(command: string, args: readonly string[], work: string, watched = false): Promise<number> {
    const env = {
      ...process.env,
      TIDEMARK_URL: this.service.url,
      TIDEMARK_CACHE: join(this.#folder, 'index', 'tidemark'),
      DVC_SITE_CACHE_DIR: join(this.#folder, 'index', 'dvc'),
      DVC_NO_ANALYTICS: '1',
      ...this.#place.restic.env,
      RESTIC_PASSWORD: 'of the bench',
      RESTIC_CACHE_DIR: join(this.#folder, 'index', 'restic'),
    };
    const started = performance.now();
    const child = spawn(command, args, { cwd: work, env, stdio: ['ignore', 'pipe', 'inherit'] });
    const peak = watched ? watchMemory(child) : null;
    child.stdout.on('data', (said: Buffer) => sink(said.length));
    const [code] = await once(child, 'close');
    const elapsed = performance.now() - started;
    this.clientPeak = Math.max(this.clientPeak, peak?.() ?? 0);
    if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`);
    return elapsed;
  }
}
