import { Help, type HelpConfiguration, type Option } from 'commander';

/** How help is written: options that a command has of its own and those of all commands, without defaults that say nothing. */
export const HELP: HelpConfiguration = {
  showGlobalOptions: true,
  optionDescription: (option) =>
    Help.prototype.optionDescription(isEmpty(option.defaultValue) ? unset(option) : option),
};

/** A flag that is off and a list of none: "(default: [])" is noise to whoever reads. */
function isEmpty(value: unknown): boolean {
  return value === false || (typeof value === 'object' && value !== null && Object.keys(value).length === 0);
}

function unset(option: Option): Option {
  return Object.assign(Object.create(option) as Option, { defaultValue: undefined });
}
