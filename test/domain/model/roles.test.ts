import { expect, test } from 'vitest';
import { completeRoles, featureColumns, pendingRoles } from '../../../src/domain/model/roles.ts';

const column = (name: string, type = 'float64') => ({ name, type });

test('roles are guessed by the most telling name that is there, whatever its case', () => {
  const columns = ['score', 'Predicted_Probability', 'Prediction', 'target', 'age', 'id'].map((name) => column(name));
  expect(completeRoles({}, columns)).toEqual({
    prediction: 'Prediction',
    score: 'Predicted_Probability',
    label: 'target',
    id: 'id',
    ignore: [],
    guessed: ['prediction', 'score', 'label', 'id'],
    missing: [],
    pending: false,
  });
});

test('a column that has a role or is ignored is not guessed for another', () => {
  const columns = ['prediction', 'label', 'id'].map((name) => column(name));
  const roles = completeRoles({ label: 'prediction', ignore: ['id'] }, columns);
  expect(roles).toMatchObject({ label: 'prediction', guessed: [] });
  expect([roles.prediction, roles.id]).toEqual([undefined, undefined]);
});

test('a number called time is no timestamp, and a text called score no score', () => {
  const roles = completeRoles({}, [column('time'), column('score', 'text'), column('event_time', 'timestamp')]);
  expect(roles).toMatchObject({ timestamp: 'event_time', guessed: ['timestamp'] });
});

test('of several points in time the one of the event is taken, and none that may be of something else', () => {
  const named = (...names: string[]) =>
    completeRoles(
      {},
      names.map((name) => column(name, 'timestamp')),
    ).timestamp;
  expect(named('signed_up_at', 'date', 'At')).toBe('At');
  expect(named('created_at', 'updated_at')).toBeUndefined();
  expect(completeRoles({}, [column('at', 'int64'), column('date', 'date')]).timestamp).toBe('date');
});

test('columns that are named and do not exist are listed', () => {
  expect(completeRoles({ score: 'a', ignore: ['b', 'c'] }, [column('b')]).missing).toEqual(['a', 'c']);
});

test('before the columns are known nothing is guessed or checked', () => {
  expect(pendingRoles({ score: 'a' })).toEqual({ score: 'a', ignore: [], guessed: [], missing: [], pending: true });
});

test('every column without a role that is not ignored is a feature', () => {
  const columns = ['a', 'prediction', 'b', 'c'].map((name) => column(name));
  const roles = completeRoles({ ignore: ['b'] }, columns);
  expect(featureColumns(roles, columns).map(({ name }) => name)).toEqual(['a', 'c']);
});
