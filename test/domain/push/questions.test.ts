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
