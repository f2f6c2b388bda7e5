import { Command } from 'commander';
import { describe, expect, it } from 'vitest';
import { HELP } from '../../../src/cli/terminal/help.ts';

const helpOf = (command: Command): string => command.configureHelp(HELP).helpInformation();

describe('the help of a command', () => {
  it('gives a default where it says something', () => {
    expect(helpOf(new Command().option('--rows <count>', 'rows', '50'))).toContain('rows (default: "50")');
    expect(helpOf(new Command().option('--share <share>', 'share', Number, 0))).toContain('share (default: 0)');
  });

  it.each<[unknown]>([[[]], [{}]])('is silent of a default of nothing: %j', (nothing) => {
    const help = helpOf(new Command().option('--limit <measure=value>', 'the limit', () => nothing, nothing));
    expect(help).toContain('the limit\n');
    expect(help).not.toContain('default');
  });

  it('is silent of a flag that is off', () => {
    expect(helpOf(new Command().option('--json', 'as JSON', false))).not.toContain('default');
  });

  it('does not change the default itself', () => {
    const command = new Command().option('--tag <name>', 'a tag', () => [''], [''].slice(1));
    helpOf(command);
    expect(command.parse([], { from: 'user' }).opts()).toEqual({ tag: [] });
  });
});
