import type { TextDescriptor } from '../summaries/text-descriptors.ts';
import type { Measure } from './measure.ts';

/** How far one thing about the texts moved; its limit is that of the Wasserstein distance. */
const moved = (title: string, of: string) =>
  ({
    kinds: ['category'],
    use: 'effect',
    direction: 'higher',
    title,
    description: `Wasserstein distance of ${of} over the reference's deviation (at least 1, or 1 %), for texts of which nearly every one is different.`,
    defaultLimit: 0.1,
    standard: false,
  }) as const satisfies Measure;

/** The measures of free text by name, a part of the registry: one for each descriptor of a text. */
export const TEXT_MEASURES = {
  'text/characters@1': moved('Length of the texts', 'the number of characters'),
  'text/words@1': moved('Words of the texts', 'the number of words'),
  'text/out-of-vocabulary@1': moved('New words', 'the share of words that the reference lacks'),
  'text/letters@1': moved('Letters', 'the share of letters'),
  'text/upper-case@1': moved('Upper case', 'the share of upper-case letters'),
  'text/digits@1': moved('Digits', 'the share of digits'),
  'text/spaces@1': moved('Spaces', 'the share of spaces'),
  'text/punctuation@1': moved('Punctuation', 'the share of punctuation'),
  'text/non-ascii@1': moved('Characters beyond ASCII', 'the share of characters beyond ASCII'),
} as const;

/** The measure of each descriptor. */
export const TEXT_MEASURE_OF = {
  characters: 'text/characters@1',
  words: 'text/words@1',
  out_of_vocabulary: 'text/out-of-vocabulary@1',
  letters: 'text/letters@1',
  upper_case: 'text/upper-case@1',
  digits: 'text/digits@1',
  spaces: 'text/spaces@1',
  punctuation: 'text/punctuation@1',
  non_ascii: 'text/non-ascii@1',
} as const satisfies Record<TextDescriptor, keyof typeof TEXT_MEASURES>;
