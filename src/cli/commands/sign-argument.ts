import { InvalidArgumentError } from 'commander';
import type { z } from 'zod';

/** One of a few signs, which are shown in quotes: a comma among commas says nothing. */
export const oneOf =
  <Sign extends string>(signs: z.ZodType<Sign> & { readonly options: readonly Sign[] }) =>
  (text: string): Sign => {
    const sign = signs.safeParse(text);
    if (sign.success) return sign.data;
    throw new InvalidArgumentError(`Give one of ${signs.options.map((option) => `"${option}"`).join(' ')}.`);
  };
