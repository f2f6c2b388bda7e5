/** Profiles one file in a process of its own and says what that took. */
import { once } from 'node:events';
import { profileFile } from '../../src/domain/profile/profile-file.ts';

export type ProfileQuestion = { readonly path: string; readonly threads: number };

export type ProfileAnswer = {
  readonly rows: number;
  readonly milliseconds: number;
  readonly processorMilliseconds: number;
  /** The most memory that the process ever held. */
  readonly peakMebibytes: number;
};

const READER_BYTES = 2 ** 29;

const [question] = await once(process, 'message');
// The parent sends one of these.
const { path, threads } = question as ProfileQuestion;
const started = performance.now();
const { table } = await profileFile({ file: path, name: path, memoryBytes: READER_BYTES, threads });
const milliseconds = performance.now() - started;
const { user, system } = process.cpuUsage();
process.send?.({
  rows: table.rows,
  milliseconds,
  processorMilliseconds: (user + system) / 1000,
  peakMebibytes: process.resourceUsage().maxRSS / 1024,
} satisfies ProfileAnswer);
