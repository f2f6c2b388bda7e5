import { describe, expect, it } from 'vitest';
import { type Call, curlOf, pythonOf } from '../../../src/http/reference/call.ts';
import type { Operation } from '../../../src/http/reference/document.ts';

const call = (method: string, path: string, operation: Partial<Operation> = {}): Call => ({
  method,
  path,
  operation: { operationId: 'call', responses: {}, ...operation },
  named: { Colour: { enum: ['red', 'blue'] } },
  address: 'http://tidemark.example',
});

const json = (properties: Record<string, object>, required = Object.keys(properties)): Partial<Operation> => ({
  requestBody: { content: { 'application/json': { schema: { type: 'object', properties, required } } } },
});

describe('a call as it is typed', () => {
  it('has the names that examples share, and braces where only the reader knows', () => {
    expect(curlOf(call('get', '/v1/datasets/{dataset}/versions/{ref}'))).toBe(
      `curl -sS 'http://tidemark.example/v1/datasets/churn/versions/latest'`,
    );
    expect(curlOf(call('post', '/v1/alerts/{id}/ack'))).toBe(
      `curl -sS -X POST 'http://tidemark.example/v1/alerts/{id}/ack'`,
    );
  });

  it('has what is required of a body, by its example, its words or its form', () => {
    const properties = {
      name: { type: 'string', example: "Ada's" },
      colour: { $ref: '#/components/schemas/Colour' },
      at: { type: 'string', format: 'date-time' },
      loud: { type: 'boolean' },
      rows: { type: 'array', items: { type: 'integer', minimum: 5 } },
      either: { anyOf: [{ type: 'string' }, { type: 'null' }] },
      left: { type: 'string' },
    };
    const body = json(properties, ['name', 'colour', 'at', 'loud', 'rows', 'either']);
    expect(curlOf(call('post', '/v1/models', body))).toBe(
      `curl -sS 'http://tidemark.example/v1/models' -H 'content-type: application/json' -d '{"name":"Ada'\\''s","colour":"red","at":"2026-01-01T00:00:00Z","loud":true,"rows":[5],"either":"either"}'`,
    );
  });

  it('is the same in Python, whose words are others', () => {
    const body = json({ loud: { example: true }, none: { example: null }, text: { example: 'true, "null"' } });
    expect(pythonOf(call('patch', '/v1/models', body))).toBe(
      [
        'import requests',
        '',
        'answer = requests.patch(',
        '    "http://tidemark.example/v1/models",',
        '    json={"loud": True, "none": None, "text": "true, \\"null\\""},',
        ')',
        'answer.raise_for_status()',
      ].join('\n'),
    );
  });

  it('brings a file where one is taken, by its name', () => {
    const path = { name: 'path', in: 'query', schema: { type: 'string' } };
    const content = { 'application/json': {}, 'application/octet-stream': {} };
    const push = call('post', '/v1/datasets/{dataset}/versions', { parameters: [path], requestBody: { content } });
    expect(curlOf(push)).toBe(
      `curl -sS 'http://tidemark.example/v1/datasets/churn/versions?path=train.csv' -H 'content-type: application/octet-stream' --data-binary @train.csv`,
    );
    expect(pythonOf(push)).toContain('data=open("train.csv", "rb"),');
  });

  it('asks only what has to be asked', () => {
    const parameters = [
      { name: 'by', in: 'query', required: true, schema: { type: 'string', example: 'plan & region' } },
      { name: 'limit', in: 'query', schema: { type: 'integer' } },
    ];
    expect(curlOf(call('get', '/v1/x', { parameters }))).toContain('/v1/x?by=plan%20%26%20region');
  });
});
