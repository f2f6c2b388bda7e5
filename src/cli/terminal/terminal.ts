import { styleText } from 'node:util';
import { jsonPieces } from './json-pieces.ts';

/** What goes to people. Results go to standard output, everything about them to standard error. */
export type Terminal = {
  readonly json: boolean;
  /** One result: as JSON when asked for, else through `show`. */
  readonly result: (value: unknown, show: () => string) => void;
  /** A passing line that replaces the one before it; printed only where a person watches. */
  readonly progress: (line: string) => void;
  /** A line that stays. */
  readonly say: (line: string) => void;
};

export function createTerminal(options: { json: boolean; quiet: boolean }): Terminal {
  // Whoever has read enough, as `head` does, closes the pipe: there is nobody left to tell.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit();
  });
  const live = process.stderr.isTTY === true && !options.quiet && !options.json;
  let open = false;
  const clear = (): void => {
    if (open) process.stderr.write('\r\u001b[2K');
    open = false;
  };
  return {
    json: options.json,
    result: (value, show) => {
      clear();
      if (options.json) writeJson(value);
      else process.stdout.write(`${show()}\n`);
    },
    progress: (line) => {
      if (!live) return;
      process.stderr.write(`\r\u001b[2K${line.slice(0, (process.stderr.columns ?? 80) - 1)}`);
      open = true;
    },
    say: (line) => {
      clear();
      if (!options.quiet) process.stderr.write(`${line}\n`);
    },
  };
}

/** Characters that are written at once. */
const WRITTEN_AT_ONCE = 2 ** 16;

function writeJson(value: unknown): void {
  let text = '';
  for (const piece of jsonPieces(value)) {
    text += piece;
    if (text.length < WRITTEN_AT_ONCE) continue;
    process.stdout.write(text);
    text = '';
  }
  process.stdout.write(`${text}\n`);
}

/** Text columns padded to their widest cell; the first row is the header. */
export function table(cells: readonly (readonly string[])[]): string {
  const rows = cells.map((row) => row.map(printable));
  // Rows may be hundreds of thousands, more than a call takes arguments.
  const widths = (rows[0] ?? []).map((_, i) => rows.reduce((most, row) => Math.max(most, (row[i] ?? '').length), 0));
  return rows
    .map((row, index) => {
      const line = row
        .map((cell, i) => cell.padEnd(widths[i] ?? 0))
        .join('  ')
        .trimEnd();
      return index === 0 ? styleText('bold', line, { stream: process.stdout }) : line;
    })
    .join('\n');
}

/** What others wrote, so that it neither breaks the line nor steers the terminal. */
export function printable(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ');
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** A number of files, in words. */
export function countOfFiles(n: number): string {
  return n === 1 ? '1 file' : `${n} files`;
}

/** `1234567` → `1.2 MB`. */
export function bytes(size: number): string {
  let value = size;
  let unit = 0;
  while (value >= 1000 && unit < UNITS.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${UNITS[unit]}`;
}

/** `n` of something with its rate and the time that is left, for a progress line. */
export function rate(done: number, total: number, elapsedMilliseconds: number): string {
  const perSecond = (done / Math.max(elapsedMilliseconds, 1)) * 1000;
  const left = perSecond > 0 ? Math.ceil((total - done) / perSecond) : 0;
  const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
  return `${percent} %  ${bytes(done)} of ${bytes(total)}  ${bytes(Math.round(perSecond))}/s  ${left} s left`;
}

/** Takes counts of bytes as they are done and shows how far the whole is. */
export function watch(terminal: Terminal, doing: string, total: number): (count: number) => void {
  const started = performance.now();
  let shown = Number.NEGATIVE_INFINITY;
  let done = 0;
  return (count) => {
    done += count;
    const now = performance.now();
    // Nobody reads faster.
    if (now - shown < 100) return;
    shown = now;
    terminal.progress(`${doing}  ${rate(done, total, now - started)}`);
  };
}
