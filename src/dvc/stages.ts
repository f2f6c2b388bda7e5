/** The few things that a `dvc.yaml` says of the outputs which a `dvc.lock` names by their bytes. */
import { indentOf, opensStages } from './pointer-lines.ts';
import { readScalar } from './yaml.ts';

export type Stage = {
  /** The folder that its outputs are relative to, itself relative to the file; "." unless it says so. */
  readonly wdir: string;
  /** Whether an output lies in Git and not in the cache of DVC (`cache: false`, as metrics often do). */
  readonly leavesToGit: (path: string) => boolean;
};

/** Where a value depends on variables, whatever they may be. */
const TEMPLATE = /\$\{[^}]*\}/;

/**
 * The stages of a `dvc.yaml` in block style, by name; those of a `foreach` or `matrix` by the name before the `@`. What
 * is written in another way says nothing here.
 */
export function readStages(text: string): ReadonlyMap<string, Stage> {
  const lines = text.split(/\r?\n/).filter((line) => line.trim() !== '' && !line.trimStart().startsWith('#'));
  const begin = lines.findIndex(opensStages);
  if (begin === -1) return new Map();
  return new Map(
    blocksOf(below(lines, begin)).map(([name, block]): [string, Stage] => {
      const fields = new Map(blocksOf(block));
      return [name, stageOf(fields.has('do') ? new Map(blocksOf(fields.get('do') ?? [])) : fields)];
    }),
  );
}

/** The stage that an output of a `dvc.lock` belongs to, by the stage's name there. */
export function findStage(stages: ReadonlyMap<string, Stage>, name: string): Stage | undefined {
  return stages.get(name) ?? stages.get(name.replace(/@.*$/s, ''));
}

/** True where a value is only known once DVC has put in what its variables are. */
export const isTemplated = (value: string): boolean => TEMPLATE.test(value);

function stageOf(fields: ReadonlyMap<string, readonly string[]>): Stage {
  const toGit = ['outs', 'metrics', 'plots'].flatMap((key) => uncachedOf(fields.get(key) ?? []));
  return {
    wdir: readScalar(fields.get('wdir')?.[0] ?? '.') ?? '.',
    leavesToGit: (path) => toGit.some((pattern) => pattern.test(path)),
  };
}

/** Lines deeper than one, up to the next that is not. */
function below(lines: readonly string[], index: number): string[] {
  const margin = indentOf(lines[index] ?? '');
  const rest = lines.slice(index + 1);
  const end = rest.findIndex((line) => indentOf(line) < margin || (indentOf(line) === margin && !isItem(line)));
  return end === -1 ? rest : rest.slice(0, end);
}

const isItem = (line: string): boolean => /^\s*-\s/.test(line);

/** The keys of a mapping, each with what stands behind it (unless nothing does) and the lines below it. */
function blocksOf(lines: readonly string[]): [string, string[]][] {
  const margin = indentOf(lines[0] ?? '');
  return lines.flatMap((line, index): [string, string[]][] => {
    if (indentOf(line) !== margin || isItem(line)) return [];
    const [, key, value = ''] = /^((?:"[^"]*"|'[^']*'|[^:\s])+)\s*:(?:\s+(.*))?$/.exec(line.trim()) ?? [];
    const name = key === undefined ? null : readScalar(key);
    if (name === null) return [];
    return [[name, [...(value === '' ? [] : [value]), ...below(lines, index)]]];
  });
}

/** Of a list of outputs the paths of those that are not cached: `- path:` with `cache: false` below it. */
function uncachedOf(lines: readonly string[]): RegExp[] {
  return lines.flatMap((line, index) => {
    const [, path, flow = ''] = /^\s*-\s+(.+?)\s*:(?:\s+\{(.*)\})?\s*$/.exec(line) ?? [];
    const name = path === undefined ? null : readScalar(path);
    if (name === null) return [];
    const said = [...flow.split(','), ...below(lines, index).filter((one) => !isItem(one))];
    return said.some((one) => /^\s*cache\s*:\s*false\s*(?:#.*)?$/i.test(one)) ? [matching(name)] : [];
  });
}

function matching(path: string): RegExp {
  const parts = path.split(new RegExp(TEMPLATE, 'g'));
  return new RegExp(`^${parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('.*')}$`, 's');
}
