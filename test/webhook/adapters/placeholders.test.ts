import { describe, expect, it } from 'vitest';
import { fillJson, fillText } from '../../../src/webhook/adapters/placeholders.ts';
import { eventOf } from '../../support/events.ts';

const event = eventOf('retraining.requested');

describe('a template', () => {
  it('has every placeholder filled, the second like the first', () => {
    expect(fillText('{{data.run}}/{{ data.run }}/{{data.training.rows}}', event)).toBe('run_1/run_1/600');
  });

  it('takes a member as it is where it stands alone', () => {
    expect(fillJson({ rows: '{{data.training.rows}}', of: ['{{data.training.dataset}}', 1, null] }, event)).toEqual({
      rows: 600,
      of: ['churn-retraining', 1, null],
    });
    expect(fillJson('{{event}}', event)).toEqual(event);
  });

  it('cannot be left by a value', () => {
    const named = { ...event, subject: '", "admin": true, "x": "{{data.run}}' };
    expect(fillJson({ name: 'a {{subject}}' }, named)).toEqual({ name: `a ${named.subject}` });
  });

  it('is empty for what is not there, and for what is not its own', () => {
    expect(fillText('<{{data.nothing.at.all}}>', event)).toBe('<>');
    expect(fillJson('{{data.nothing}}', event)).toBeNull();
    expect(fillText('{{constructor.name}}{{data.__proto__}}', event)).toBe('');
  });
});
