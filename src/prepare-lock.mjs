/** Lets one process at a time install and build, on a Node that has no file locks. */
import * as fs from 'node:fs';
import { say } from './launch.mjs';

/**
 * Takes the lock, waiting for whoever has it. Each line of the file names a process that holds it, by its pid and
 * its start time, because pids are reused. A lock whose processes are all gone counts for nothing.
 *
 * @returns `share(pid)` adds a child to the holders, so that an installation that outlives a killed parent is waited
 *   for; `release()` gives the lock up.
 */
export async function takeLock(path) {
  const line = (pid) => `${pid} ${startTime(pid)}\n`;
  for (let told = false; !create(path, line(process.pid)); ) {
    if (breakIfAbandoned(path)) continue;
    if (!told) say('waiting for another process that is installing or building…');
    told = true;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return {
    share: (pid) => fs.appendFileSync(path, line(pid)),
    release: () => fs.rmSync(path, { force: true }),
  };
}

function create(path, text) {
  try {
    fs.writeFileSync(path, text, { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

/** Removes a lock that no living process holds; true when taking it is worth another try. */
function breakIfAbandoned(path) {
  const holders = read(path);
  if (holders === undefined) return true;
  // Empty for the instant between its creation and its first line.
  if (holders === '' || holders.trim().split('\n').some(isAlive)) return false;
  // Renamed before it is removed: of several processes that saw the same dead holders, one gets it.
  const aside = `${path}.${process.pid}`;
  try {
    fs.renameSync(path, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return true;
    throw error;
  }
  // Somebody may have broken the lock and taken it since we looked: that one is put back.
  if (read(aside) !== holders && !fs.existsSync(path)) fs.renameSync(aside, path);
  else fs.rmSync(aside, { force: true });
  return true;
}

function isAlive(line) {
  const [pid, started] = line.split(' ');
  return startTime(Number(pid)) === started;
}

/** When a process started, in the system's own unit; where that cannot be read, only that there is such a process. */
function startTime(pid) {
  if (fs.existsSync('/proc/self/stat')) {
    const stat = read(`/proc/${pid}/stat`);
    // The name in brackets may itself hold blanks and brackets; the start time is the 22nd field.
    const fields = stat === undefined ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : fields[19];
  }
  try {
    process.kill(pid, 0);
    return 'running';
  } catch (error) {
    return error.code === 'EPERM' ? 'running' : undefined;
  }
}

function read(path) {
  try {
    return fs.readFileSync(path, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ESRCH') return undefined;
    throw error;
  }
}
