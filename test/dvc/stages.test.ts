import { describe, expect, test } from 'vitest';
import { parsePointer, stagesOfOutputs } from '../../src/dvc/pointer.ts';
import { findStage, isTemplated, readStages } from '../../src/dvc/stages.ts';

const YAML = `vars:
- outs: x
stages:
  train:
    cmd: python train.py
      --outs: x
    wdir: 'work here'
    deps:
    - train.py
    outs:
    - models/m.bin
    - plain.txt:
        cache: false
    - "odd: name":
        persist: true
        cache: false   # in Git
    - kept.bin:
        cache: true
    metrics:
      - metrics.json:
          cache: false
    plots:
    - flow.csv: {x: a, cache: false}
  # one for each
  score:
    foreach:
    - a
    - b
    do:
      cmd: score \${item}
      wdir: \${item}
      outs:
      - \${item}.csv
      metrics:
      - \${item}.json:
          cache: false
  bare:
    cmd: |
      wdir: elsewhere
      outs:
      - a.txt:
          cache: false
    outs:
    - a.txt
metrics:
- metrics.json
`;

describe('readStages', () => {
  const stages = readStages(YAML);

  test('finds those of the file, one of many by the name that they share', () => {
    expect([...stages.keys()]).toEqual(['train', 'score', 'bare']);
    expect(findStage(stages, 'score@a')).toBe(stages.get('score'));
    expect(findStage(stages, 'other')).toBeUndefined();
    expect(readStages('outs:\n- a\n').size).toBe(0);
    expect(readStages('').size).toBe(0);
  });

  test.each([
    ['train', 'plain.txt', true],
    ['train', 'odd: name', true],
    ['train', 'metrics.json', true],
    ['train', 'flow.csv', true],
    ['train', 'models/m.bin', false],
    ['train', 'kept.bin', false],
    ['train', 'metrics_json', false],
    ['score@a', 'a.json', true],
    ['score@a', 'a.csv', false],
    ['bare', 'a.txt', false],
  ])('%s leaves %s to Git: %s', (stage, path, expected) => {
    expect(findStage(stages, stage)?.leavesToGit(path)).toBe(expected);
  });

  test('finds the folder of a stage', () => {
    expect([...stages.values()].map(({ wdir }) => wdir)).toEqual(['work here', `\${item}`, '.']);
    expect(isTemplated(`\${item}`)).toBe(true);
    expect(isTemplated('item')).toBe(false);
  });
});

test('each output of a dvc.lock is known by its stage', () => {
  const oid = '8d777f385d3dfec8815d20f7496026dc';
  const out = (path: string) => `    - path: ${path}\n      hash: md5\n      md5: ${oid}\n      size: 4\n`;
  const lock = `schema: '2.0'\nstages:\n  a:\n    cmd: x\n    outs:\n${out('one')}${out('two')}  'b@1:2':\n    cmd: y\n    outs:\n${out('three')}`;
  expect(stagesOfOutputs(lock)).toEqual(['a', 'a', 'b@1:2']);
  expect(parsePointer(lock).map(({ path }) => path)).toEqual(['one', 'two', 'three']);
  expect(stagesOfOutputs(`outs:\n- md5: ${oid}\n  path: one\n`)).toEqual([]);
});
