import { describe, expect, it } from 'vitest';
import { type Member, membersOf } from '../../../src/http/reference/schema-outline.ts';

const text = { type: 'string' };

/** An outline as lines, each indented by its depth. */
const linesOf = (members: readonly Member[], depth = 0): string[] =>
  members.flatMap(({ name, type, required, description, members: inner }) => [
    `${'  '.repeat(depth)}${name}: ${type}${required ? '!' : ''}${description === null ? '' : ` (${description})`}`,
    ...linesOf(inner, depth + 1),
  ]);

describe('the outline of a schema', () => {
  it('names members, what they may hold, and which have to be there', () => {
    const schema = {
      type: 'object',
      properties: {
        state: { type: 'string', enum: ['running', 'failed', 'done'] },
        at: { type: 'string', format: 'date-time', description: 'When' },
        share: { type: ['number', 'null'], exclusiveMinimum: 0, maximum: 1 },
        length: { anyOf: [text, { type: 'number' }], example: 'P1D', description: 'How long' },
        tags: { type: 'array', items: text, default: [] },
        rows: { type: 'integer', default: 50, example: 7 },
        metrics: { type: 'object', additionalProperties: { type: 'number' } },
      },
      required: ['state'],
    };
    expect(linesOf(membersOf(schema, {}))).toEqual([
      'state: "running", "failed" or "done"!',
      'at: string (date-time) (When)',
      'share: number above 0 to 1 or null',
      'length: string or number (How long; such as "P1D")',
      'tags: list of string',
      'rows: integer (such as 7; 50 when absent)',
      'metrics: object of number',
    ]);
  });

  it('goes into lists, into what is named, and into each of several forms', () => {
    const named = {
      Rule: {
        oneOf: [
          { type: 'object', properties: { kind: { enum: ['pinned'] } }, required: ['kind'] },
          { type: 'object', properties: { kind: { enum: ['trailing'] }, windows: { type: 'integer', minimum: 1 } } },
        ],
      },
    };
    const schema = {
      type: 'object',
      properties: { rules: { type: 'array', items: { $ref: '#/components/schemas/Rule' } } },
    };
    expect(linesOf(membersOf(schema, named))).toEqual([
      'rules: list of object',
      '  kind: "pinned": object',
      '    kind: "pinned"!',
      '  kind: "trailing": object',
      '    kind: "trailing"',
      '    windows: integer from 1',
    ]);
  });

  it('ends where a schema names itself', () => {
    const named = { Node: { type: 'object', properties: { next: { $ref: '#/components/schemas/Node' } } } };
    expect(linesOf(membersOf({ $ref: '#/components/schemas/Node' }, named)).length).toBeLessThan(20);
  });

  it('has no members for what is no object', () => {
    expect(membersOf({ type: 'string', format: 'binary' }, {})).toEqual([]);
  });
});
