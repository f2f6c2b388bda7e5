import { TidemarkError } from '../errors.ts';
import { type Pointer, parsePointer, writePointer } from './pointer.ts';
import { type Item, indentOf, readItems, refused } from './pointer-lines.ts';

/**
 * The text of a `.dvc` file with one of its outputs pointed at other bytes. What people wrote into it (desc, labels,
 * remote, comments, …) stays, and so do its other outputs.
 * @throws TidemarkError `invalid-body` for what is no `.dvc` file, has no output of that path, or says of its data more
 * than their bytes: where they are imported from, what makes them, how a cloud names them. `conflict` for an import.
 */
export function repoint(text: string, pointer: Pointer): string {
  const before = parsePointer(text);
  // A checksum of the whole file, in those of old versions, is none of what stands in it from now on.
  const lines = text
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .filter((line) => !/^md5\s*:/.test(line));
  refuseDerived(lines);
  const index = before.findIndex((output) => output.path === pointer.path);
  const item = readItems(lines)[index];
  if (item === undefined) throw refused(1, `none of its outputs has the path ${JSON.stringify(pointer.path)}`);
  const cloud = ['files', 'cloud'].find((key) => item.keys.has(key));
  if (cloud !== undefined) throw refused(item.line, `its output is versioned by a cloud ("${cloud}")`);
  const moved = lines.toSpliced(item.line - 1, item.last - item.line + 1, ...repointed(lines, item, pointer));
  const result = moved.join(text.includes('\r\n') ? '\r\n' : '\n');
  const expected = before.with(index, parsePointer(writePointer(pointer))[0] ?? pointer);
  // Whatever else stands in it, the file names what it named before, and this.
  if (!isDeepEqual(parsePointer(result), expected)) throw refused(item.line, 'its output is written in an unusual way');
  return result;
}

/** What stands at the margin of a file whose outputs are not for a push to change, with what it means. */
const DERIVED: readonly (readonly [RegExp, string])[] = [
  [/^stages\s*:/, 'it is a dvc.lock, which "dvc repro" writes'],
  [/^cmd\s*:/, 'a command makes its output'],
  [/^wdir\s*:(?!\s*\.\s*$)/, 'its output lies in another folder'],
];

function refuseDerived(lines: readonly string[]): void {
  for (const [index, line] of lines.entries()) {
    const [, why] = DERIVED.find(([pattern]) => pattern.test(line)) ?? [];
    if (why !== undefined) throw refused(index + 1, why);
    if (/^deps\s*:/.test(line)) {
      throw new TidemarkError(
        'conflict',
        'It is an import: its .dvc file names where the data come from, which would be untrue after a push. Bring it ' +
          'up to date with "dvc update"; or remove the .dvc file, to track the data by themselves.',
      );
    }
  }
}

/** The lines of an output: first what is said of its bytes, then all else that it had. */
function repointed(lines: readonly string[], item: Item, pointer: Pointer): string[] {
  const dropped = new Set<number>();
  for (const { line, last } of item.fields.values()) for (let at = line; at <= last; at++) dropped.add(at);
  const head = lines[item.line - 1] ?? '';
  const dash = indentOf(head);
  const fields = writePointer(pointer).split('\n').slice(1, -1);
  const rest: string[] = [];
  for (let at = item.line; at <= item.last; at++) {
    const line = lines[at - 1] ?? '';
    // The first field gives its dash to the new ones.
    if (!dropped.has(at)) rest.push(at === item.line ? line.replace('-', ' ') : line);
  }
  const margin = ' '.repeat(item.column);
  return [
    ...fields.map((field, i) => (i === 0 ? `${' '.repeat(dash)}-`.padEnd(item.column) : margin) + field.slice(2)),
    ...rest,
  ];
}

const isDeepEqual = (a: readonly Pointer[], b: readonly Pointer[]): boolean => canonical(a) === canonical(b);
const canonical = (outputs: readonly Pointer[]): string =>
  JSON.stringify(outputs.map((output) => Object.entries(output).sort(([a], [b]) => (a < b ? -1 : 1))));
