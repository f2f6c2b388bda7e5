import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Actor } from '../../../src/domain/access/actor.ts';
import { type Question, RemoteQuestions } from '../../../src/domain/push/questions.ts';
import { type DatasetService, md5Of, startDatasetService } from '../../support/datasets.ts';

let service: DatasetService;
let question: Question;
beforeAll(async () => {
  service = await startDatasetService();
  await service.hold('held by others');
  question = { oid: md5Of('held by others') as Question['oid'], layout: 'files-md5', manner: 'whole' };
});
afterAll(() => service.close());

const actor: Actor = { projectId: 1, project: 'default', author: 'ann', scopes: new Set(['data:write']) };
const pusherOf = (dataset: string) => ({ projectId: 1, dataset, author: 'ann', address: '192.0.2.1', agent: 'dvc' });
/** All that was noted is long past by the clock of the database. */
const ageNotes = () => service.ctx.sql`update remote_questions set asked_at = now() - interval '1 hour'`;

it('a client reads for a while, also where the clock is set back meanwhile', async () => {
  let now = Date.parse('2026-01-01T12:00:00Z');
  const questions = new RemoteQuestions({ ...service.ctx, now: () => new Date(now) });
  const pusher = pusherOf('clock');
  await questions.reads(pusher);
  expect(await questions.admit(pusher, actor, question)).toBe(true);
  now -= 20_000;
  expect(await questions.admit(pusher, actor, question)).toBe(true);
  now -= 3_600_000;
  await ageNotes();
  await expect(questions.admit(pusher, actor, question)).rejects.toThrow('has no object');
});

it('a reader that has ended is one no more, on any server', async () => {
  const [questions, elsewhere] = [new RemoteQuestions(service.ctx), new RemoteQuestions(service.ctx)];
  const pusher = pusherOf('ended');
  await questions.reads(pusher);
  questions.ended(pusher);
  await expect(questions.admit(pusher, actor, question)).rejects.toThrow('has no object');
  await expect(elsewhere.admit(pusher, actor, question)).rejects.toThrow('has no object');
  await questions.reads(pusher);
  expect(await elsewhere.admit(pusher, actor, question)).toBe(true);
});

it('files that a server is sent as it has just come up, and was not asked for, may be of a folder', async () => {
  let now = Date.parse('2026-01-01T12:00:00Z');
  const questions = new RemoteQuestions({ ...service.ctx, now: () => new Date(now) });
  const noted = async (dataset: string) =>
    (await service.ctx.sql`select 1 from remote_questions where dataset = ${dataset} and name = 'unknown'`).length > 0;
  const oidOf = (text: string) => md5Of(text) as Question['oid'];
  const [unasked, asked] = [pusherOf('unasked'), pusherOf('asked')];
  await questions.missed(asked, { ...question, oid: oidOf('new') });
  await questions.sends(asked, oidOf('new'));
  expect(await noted('asked')).toBe(false);
  await questions.sends(unasked, `${oidOf('a folder')}.dir` as Question['oid']);
  expect(await noted('unasked')).toBe(false);
  await questions.sends(unasked, oidOf('new'));
  expect(await noted('unasked')).toBe(true);
  // Who asks again names its folders.
  await questions.missed(unasked, { ...question, oid: oidOf('newer') });
  expect(await noted('unasked')).toBe(false);
  await questions.sends(unasked, oidOf('newer'));
  expect(await noted('unasked')).toBe(false);
  now += 61_000;
  await questions.sends(unasked, oidOf('newest'));
  expect(await noted('unasked')).toBe(false);
});
