import { describe, expect, it } from 'vitest';
import type { EventType } from '../../../schemas/wire/events.ts';
import type { TargetOf } from '../../../schemas/wire/targets.ts';
import { mlflow } from '../../../src/webhook/adapters/mlflow.ts';
import { eventOf } from '../../support/events.ts';
import { mlflow as standIn } from '../../support/stand-ins.ts';
import { answering, talk } from '../../support/talk.ts';

const about = (
  type: EventType,
  given: { data?: object; time?: string; options?: TargetOf<'mlflow'>['options']; password?: string } = {},
) => ({
  type,
  event: eventOf(type, given),
  url: 'https://mlflow.example/',
  target: {
    kind: 'mlflow' as const,
    options: given.options ?? {},
    credentials: { username: 'bot', password: given.password ?? 'right-password' },
  },
});

describe('MLflow, told of a promotion', () => {
  it('has the alias on the version, its training data as a tag and as an input of the run that made it', () => {
    const server = standIn({ runId: 'run-of-mlflow' });
    const { outcome, requests } = talk(mlflow, server, about('model.promoted'));
    expect(outcome).toEqual({
      outcome: 'delivered',
      error: null,
      external: { id: 'models:/churn/3', url: 'https://mlflow.example/#/models/churn/versions/3' },
    });
    expect(Object.fromEntries(server.aliases)).toEqual({ champion: '3' });
    const digest = `md5:${'b'.repeat(32)}`;
    expect(digest).toHaveLength(36);
    expect(server.started).toMatchObject([
      { path: '/registered-models/set-tag', key: 'tidemark.alias.champion' },
      { path: '/registered-models/alias', alias: 'champion', version: '3' },
      { path: '/model-versions/set-tag', key: 'tidemark.dataset', value: `churn-retraining@v4 ${digest}` },
      { path: '/model-versions/set-tag', key: 'tidemark.run', value: 'https://tidemark.example/v1/runs/run_1' },
      { path: '/runs/log-inputs', datasets: [{ dataset: { name: 'churn-retraining', digest, source_type: 'http' } }] },
    ]);
    const source = JSON.stringify(server.started.at(-1));
    expect(source).toContain('https://tidemark.example/v1/datasets/churn-retraining/versions/v4/archive');
    expect(requests.filter(({ decisive }) => decisive).map(({ method }) => method)).toEqual(Array(5).fill('POST'));
  });

  it('is none the wiser when it is told again', () => {
    const server = standIn();
    talk(mlflow, server, about('model.promoted'));
    const aliases = [...server.aliases];
    expect(talk(mlflow, server, about('model.promoted')).outcome).toMatchObject({ outcome: 'delivered' });
    expect([...server.aliases]).toEqual(aliases);
    expect(server.started.filter((write) => JSON.stringify(write).includes('log-inputs'))).toEqual([]);
  });

  it('keeps a later alias when an earlier promotion is told late', () => {
    const server = standIn();
    talk(mlflow, server, about('model.promoted', { data: { model_version: '3' }, time: '2026-03-02T02:00:00.000Z' }));
    const late = about('model.promoted', { data: { model_version: '2' }, time: '2026-03-02T01:00:00.000Z' });
    expect(talk(mlflow, server, late).outcome).toMatchObject({ outcome: 'delivered' });
    expect(server.aliases.get('champion')).toBe('3');
  });

  it('has the former version back after a rollback', () => {
    const server = standIn();
    talk(mlflow, server, about('model.promoted'));
    talk(mlflow, server, about('model.rolled_back', { time: '2026-03-02T03:00:00.000Z' }));
    expect(server.aliases.get('champion')).toBe('2');
  });

  it('is not told to move an alias that it has moved itself', () => {
    const server = standIn();
    talk(mlflow, server, about('model.promoted', { data: { author: 'mlflow:reg_1' } }));
    expect(server.aliases.size).toBe(0);
    expect(server.started).toMatchObject([{ key: 'tidemark.dataset' }, { key: 'tidemark.run' }]);
  });

  it('takes names, aliases and numbers as they are there', () => {
    const server = standIn();
    const options = { model: 'churn', alias: 'prod', version_prefix: 'v' };
    talk(mlflow, server, about('model.promoted', { options, data: { model: 'another', model_version: 'v3' } }));
    expect(Object.fromEntries(server.aliases)).toEqual({ prod: '3' });
  });

  it.each([
    ['first', /report the number/],
    ['03', /report the number/],
    ['7', /404: Registered Model not found/],
  ])('tells when it has no version "%s"', (model_version, error) => {
    const server = standIn();
    const { outcome } = talk(mlflow, server, about('model.promoted', { data: { model_version } }));
    expect(outcome).toMatchObject({ outcome: 'retryable', error: expect.stringMatching(error) });
    expect(server.started).toEqual([]);
  });
});

describe('MLflow, told of other things', () => {
  it('has a challenger where one is wanted', () => {
    const training = { dataset: 'd', version: 2, oid: `${'c'.repeat(32)}.dir` };
    const data = { model_version: '2', training };
    const server = standIn({ runId: 'run-of-mlflow' });
    talk(mlflow, server, about('retraining.succeeded', { data }));
    expect(server.aliases.size).toBe(0);
    expect(server.started.at(-1)).toMatchObject({ datasets: [{ dataset: { digest: `md5:${'c'.repeat(32)}` } }] });
    talk(mlflow, server, about('retraining.succeeded', { data, options: { challenger_alias: 'challenger' } }));
    expect(Object.fromEntries(server.aliases)).toEqual({ challenger: '2' });
  });

  it('has the state of an alert as a tag of the model, and keeps the later one', () => {
    const server = standIn();
    const key = 'tidemark.alert.daily';
    talk(mlflow, server, about('alert.firing'));
    expect(server.tags.get(key)).toBe(
      '2026-03-02T01:00:00.000Z churn drifts in 7 of 12 columns https://tidemark.example/p/shop/alerts/al_1',
    );
    talk(mlflow, server, about('alert.resolved', { time: '2026-03-02T05:00:00.000Z' }));
    expect(server.tags.get(key)).toContain('the alert is over');
    talk(mlflow, server, about('alert.escalated', { time: '2026-03-02T02:00:00.000Z' }));
    expect(server.tags.get(key)).toContain('the alert is over');
  });

  it('is only looked at by a test', () => {
    const server = standIn();
    expect(talk(mlflow, server, about('webhook.test')).outcome).toMatchObject({ outcome: 'delivered' });
    expect(talk(mlflow, server, about('webhook.test', { options: { model: 'none' } })).outcome).toMatchObject({
      outcome: 'retryable',
    });
    expect(talk(mlflow, server, about('webhook.test', { password: 'wrong' })).outcome).toMatchObject({
      outcome: 'retryable',
      error: expect.stringMatching(/401/),
    });
    expect(server.started).toEqual([]);
  });

  it('is asked again while it is away', () => {
    const { outcome, requests } = talk(mlflow, answering(503), about('model.promoted'));
    expect(outcome).toMatchObject({ outcome: 'retryable' });
    expect(requests).toHaveLength(1);
  });
});
