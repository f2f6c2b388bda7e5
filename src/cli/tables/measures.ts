import { type CatalogueEntry, measureCatalogue, measuresMeant } from '../../domain/configuration/measure-catalogue.ts';
import { TidemarkError } from '../../errors.ts';
import { type Terminal, table } from '../terminal/terminal.ts';

/** Lists the measures, or tells what those are that a word may mean. */
export function measures(terminal: Terminal, word: string | null): void {
  const listed = word === null ? measureCatalogue() : measuresMeant(word);
  if (listed.length === 0) {
    throw new TidemarkError('bad-request', `"${word}" is not a measure; \`tidemark measures\` lists them.`);
  }
  terminal.result({ items: listed }, () => (word === null ? asTable(listed) : listed.map(inFull).join('\n\n')));
}

const limitText = ({ limit }: CatalogueEntry): string => (limit === null ? '–' : String(limit));

function asTable(listed: readonly CatalogueEntry[]): string {
  const rows = listed.map((one) => [
    one.name,
    one.of.join(', '),
    one.use,
    limitText(one),
    one.standard ? 'yes' : '',
    one.title,
  ]);
  return table([['MEASURE', 'OF', 'USE', 'LIMIT', 'STANDARD', 'WHAT'], ...rows]);
}

function inFull(one: CatalogueEntry): string {
  const { name, title, description, of, use, standard, former_names: former } = one;
  return [
    `${name}  ${title}`,
    description,
    `${use} of ${of.join(', ')}; limit ${limitText(one)}; ${standard ? 'standard' : 'made when it is chosen'}`,
    ...(former.length > 0 ? [`also stands for ${former.join(', ')}`] : []),
  ].join('\n');
}
