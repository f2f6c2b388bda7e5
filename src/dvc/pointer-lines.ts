/** The lines of `.dvc` files and of `dvc.lock`: block style, as DVC's own writer lays it. */
import { TidemarkError } from '../errors.ts';
import { readScalar } from './yaml.ts';

/** A field of an output as written, with the 1-based lines that it stands on. */
export type Field = { readonly value: string; readonly line: number; readonly last: number };
export type Item = {
  /** Those that say something about the bytes. */
  readonly fields: Map<string, Field>;
  readonly keys: Set<string>;
  readonly line: number;
  /** Where its fields begin, from the margin. */
  readonly column: number;
  /** The last line that is a part of it. */
  last: number;
};

const SCALAR_FIELDS = new Set(['md5', 'size', 'nfiles', 'isexec', 'hash', 'path']);

/** The lines of a `dvc.lock`, of which only the outputs are left, at the margin, where a `.dvc` file has them. */
export function outputsOfStages(lines: readonly string[]): string[] {
  const [name = 0, key = 0] = indentsOfStages(lines);
  let inside = false;
  return lines.map((line) => {
    const indent = indentOf(line);
    if (line.trim() === '') return '';
    if (indent <= name) inside = false;
    else if (indent === key && !line.trimStart().startsWith('-')) inside = /^outs\s*:/.test(line.trimStart());
    return inside ? line.slice(key) : '';
  });
}

/** How far the names of stages stand from the margin, and how far what each of them holds. A parameter may be called "outs" too. */
function indentsOfStages(lines: readonly string[]): number[] {
  const below = lines.slice(lines.findIndex(opensStages) + 1);
  return [...new Set(below.filter((line) => line.trim() !== '').map(indentOf))]
    .filter((indent) => indent > 0)
    .slice(0, 2);
}

/** Of each line of a `dvc.lock` the name of the stage that it belongs to; none of what stands in no stage. */
export function stagesOfLines(lines: readonly string[]): string[] {
  const [margin = 0] = indentsOfStages(lines);
  let name = '';
  return lines.map((line) => {
    if (line.trim() !== '' && indentOf(line) <= margin) name = readScalar(line.trim().replace(/:\s*$/, '')) ?? '';
    return name;
  });
}

export const opensStages = (line: string): boolean => /^\ufeff?stages\s*:/.test(line);
export const indentOf = (line: string): number => line.length - line.trimStart().length;

/** Reads block style as DVC writes it: `outs:` at the margin, items opened by a dash, one field a line. */
export function readItems(lines: readonly string[]): Item[] {
  const items: Item[] = [];
  let inside = false;
  let column = -1;
  let open: string | null = null;
  for (const [index, given] of lines.entries()) {
    const line = index + 1;
    const raw = index === 0 ? given.replace(/^\ufeff/, '') : given;
    const content = raw.trim();
    if (content === '' || content.startsWith('#') || /^(?:---|\.\.\.)$/.test(content)) continue;
    const indent = indentOf(raw);
    if (raw.slice(0, indent).includes('\t')) throw refused(line, 'a tab indents it; YAML takes blanks');
    if (indent === 0 && !content.startsWith('- ')) {
      inside = isOutsKey(content, line);
      column = -1;
      open = null;
      continue;
    }
    if (!inside) continue;
    const dash = /^-\s+(?=\S)/.exec(content);
    if (dash !== null && (column === -1 || indent < column)) {
      column = indent + dash[0].length;
      items.push({ fields: new Map(), keys: new Set(), line, column, last: line });
      open = addField(items, content.slice(dash[0].length), line);
    } else if (indent === column && dash === null) open = addField(items, content, line);
    else if (indent >= column && items.length > 0) continueField(items, open, { content, line });
    else throw refused(line, 'its indentation fits no output');
    const item = items.at(-1);
    if (item !== undefined) item.last = line;
  }
  return items;
}

function isOutsKey(content: string, line: number): boolean {
  const match = /^outs\s*:\s*(.*)$/.exec(content);
  if (match === null) return false;
  if (match[1] !== '' && !match[1]?.startsWith('#')) throw refused(line, 'outputs must be a list in block style');
  return true;
}

/** Adds `key: value` to the last item and returns the key when a following line may continue its value. */
function addField(items: readonly Item[], content: string, line: number): string | null {
  const match = /^([A-Za-z_][\w-]*)\s*:(?:\s+(.*))?$/.exec(content);
  const [, key, value = ''] = match ?? [];
  if (key === undefined) throw refused(line, 'it is not of the form "key: value"');
  const { fields, keys } = items.at(-1) ?? {};
  keys?.add(key);
  if (!SCALAR_FIELDS.has(key) || fields === undefined) return null;
  if (fields.has(key)) throw refused(line, `"${key}" is given twice`);
  fields.set(key, { value, line, last: line });
  return key;
}

/** DVC's writer folds a long path over several lines; a line end is one blank, after a backslash it is nothing. */
function continueField(items: readonly Item[], key: string | null, next: { content: string; line: number }): void {
  const fields = items.at(-1)?.fields;
  const field = key === null ? undefined : fields?.get(key);
  if (key === null || field === undefined) return;
  const head = field.value.trim();
  const value = head.endsWith('\\') ? head.slice(0, -1) + next.content : `${head} ${next.content}`;
  fields?.set(key, { line: field.line, last: next.line, value });
}

/** What is wrong with a line, for whoever wrote it. */
export function refused(line: number, what: string): TidemarkError {
  return new TidemarkError(
    'invalid-body',
    `This is not a .dvc file or dvc.lock that Tidemark can read: line ${line}: ${what}.`,
    {
      issues: [{ code: 'invalid-pointer', detail: what, line }],
    },
  );
}
