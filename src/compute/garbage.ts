/** When V8 looks for what is dead. Its flags are those of the process; what is told here holds for its threads alike. */
import { setFlagsFromString } from 'node:v8';

/** As much more than is alive may be unused: with V8's own share a profile would take half as much memory again. */
const SHARE = ['--external-memory-accounted-in-global-limit', '--heap-growing-percent=30'];
const STEPS = ['--no-external-memory-accounted-in-global-limit', '--heap-growing-percent=0'];

/**
 * V8 looks through all that a thread holds for every 64 MiB of arrays that were allocated, however much is alive: for a
 * gigabyte of text some thirty times, a sixth of all processor time. Where little is alive it may wait for a share of it.
 */
export function collectByShare(share: boolean): void {
  // Older ones cannot, and would complain.
  if (Number.parseInt(process.versions.v8, 10) >= 13)
    for (const flag of share ? SHARE : STEPS) setFlagsFromString(flag);
}

/** How much is held by threads that are started from now on before they are looked through. */
export function beginThreadsWith(megabytes: number): void {
  setFlagsFromString(`--initial-old-space-size=${megabytes}`);
}

/**
 * From now on a thread goes through its own young objects by itself: where all processors are at work already, helpers
 * take more time than they save. Marking what is old beside the work stays: without it half as much memory again is held.
 */
export function scavengeAlone(): void {
  setFlagsFromString('--no-parallel-scavenge');
}

/**
 * From now on a thread that is started compiles what it runs by itself, and waits for it. Beside the work, where all
 * processors are at work already, compiling takes them from that work, and slow code runs for longer. It is not to be taken
 * back: a thread that was started without compilers has none to turn to.
 */
export function compileAlone(): void {
  setFlagsFromString('--no-concurrent-recompilation');
}

/**
 * From now on only V8's last compiler makes one function of several. The one before it would take a loop over thousands of
 * values, which is compiled at its best already, into its caller, which is called too seldom ever to be compiled again:
 * the loop then takes three times as long for good.
 */
export function inlineLate(): void {
  if (Number.parseInt(process.versions.v8, 10) >= 13) setFlagsFromString('--no-maglev-inlining');
}
