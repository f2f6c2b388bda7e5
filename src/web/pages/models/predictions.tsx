import { selectionQuery } from '../../../../schemas/wire/predictions.ts';
import { type FoundPrediction, type SearchPage, searchPredictions } from '../../../domain/prediction/search.ts';
import {
  readPosition,
  readSelection,
  type SelectionText,
  writePosition,
} from '../../../domain/prediction/selection.ts';
import { TidemarkError } from '../../../errors.ts';
import { formatBytes, formatCount } from '../../format.ts';
import { Crumbs } from '../../layout.tsx';
import type { Links } from '../../links.ts';
import type { Content, Visit } from '../../page.tsx';
import { More, Time } from '../../parts.tsx';
import { StackTable } from '../../stack-table.tsx';

const PAGE = 50;
/** Characters of a row's features that a list shows. */
const SHOWN = 160;

type Asked = Readonly<Record<string, string>>;

/** The logged predictions of a model: by id, or all that fit. */
export async function predictionsPage(visit: Visit): Promise<Content> {
  const { ctx, actor, links } = visit;
  const model = visit.param('model');
  const { asked, selection } = askedFor(visit);
  const after = visit.query('after');
  const search = {
    model,
    selection: readSelection(selection),
    newest: true,
    after: after === null ? null : readPosition(after, 'newest'),
    limit: PAGE,
  };
  const page = await searchPredictions(ctx, actor, search);
  const body = (
    <>
      <div class="headline">
        <div>
          <Crumbs
            path={[
              ['Models', links.models],
              [model, links.model(model)],
            ]}
          />
          <h1>Predictions</h1>
        </div>
      </div>
      <SearchForm action={links.predictions(model)} asked={asked} />
      <Scanned page={page} />
      {page.items.length > 0 && <Found items={page.items} model={model} links={links} />}
      <More
        href={
          page.next === null ? null : links.predictions(model, { ...asked, after: writePosition(page.next, 'newest') })
        }
      />
    </>
  );
  return { section: 'models', title: `Predictions of ${model}`, body };
}

/** What the address asks for; fields of the form that were left empty do not count. */
function askedFor(visit: Visit): { asked: Asked; selection: SelectionText } {
  const names = Object.keys(selectionQuery.shape);
  const asked = Object.fromEntries(
    names.flatMap((name) => {
      const value = visit.query(name)?.trim() ?? '';
      return value === '' ? [] : [[name, value]];
    }),
  );
  const id = visit.query('id')?.trim() ?? '';
  const parsed = selectionQuery.safeParse(asked);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new TidemarkError('bad-request', `"${String(issue?.path[0])}" cannot be searched for: ${issue?.message}.`);
  }
  if (id === '') return { asked, selection: parsed.data };
  const condition = `prediction_id = '${id.replaceAll("'", "''")}'`;
  const where = asked.where === undefined ? condition : `(${asked.where}) and ${condition}`;
  return { asked: { ...asked, id }, selection: { ...parsed.data, where } };
}

function SearchForm({ action, asked }: { action: string; asked: Asked }) {
  const field = (name: string, title: string, hint: string, wide = false) => (
    <label class={wide ? 'wide' : undefined}>
      <span class="small soft">{title}</span>
      <input name={name} value={asked[name] ?? ''} placeholder={hint} />
    </label>
  );
  return (
    <form class="card search" method="get" action={action}>
      {field('where', 'Condition on what was sent', "age >= 30 and plan in ('pro', 'plus')", true)}
      {field('id', 'Prediction id', 'p-17')}
      {field('from', 'From', '2026-01-31T00:00:00Z')}
      {field('to', 'Before', '2026-02-01T00:00:00Z')}
      {field('model_version', 'Model version', 'v2')}
      {field('segment', 'Segment', 'north')}
      <label>
        <span class="small soft">Label</span>
        <select name="labels">
          {['', 'labelled', 'unlabelled', 'corrected'].map((state) => (
            <option value={state} selected={(asked.labels ?? '') === state}>
              {state === '' ? 'any' : state}
            </option>
          ))}
        </select>
      </label>
      <button type="submit">Search</button>
    </form>
  );
}

function Scanned({ page: { items, scanned, unsettled } }: { page: SearchPage }) {
  return (
    <p class="small soft">
      {items.length === 0 ? 'Nothing fits' : `${formatCount(items.length)} found`} in {formatCount(scanned.rows)}{' '}
      predictions ({formatBytes(scanned.bytes)}){scanned.cut && '; there are more to search'}
      {unsettled.rows > 0 && `; ${formatCount(unsettled.rows)} accepted a moment ago are not searched yet`}.
      {scanned.unknownColumns.length > 0 && (
        <>
          {' '}
          None of them has <bdi>{scanned.unknownColumns.join(', ')}</bdi>.
        </>
      )}
      {scanned.lost.length > 0 && ` Batches that cannot be read: ${scanned.lost.join(', ')}.`}
    </p>
  );
}

function Found({ items, model, links }: { items: readonly FoundPrediction[]; model: string; links: Links }) {
  return (
    <StackTable
      rows={items}
      columns={[
        {
          head: 'Prediction',
          cell: (item) => (
            <a class="strong" href={links.prediction(model, item.predictionId)}>
              <bdi>{item.predictionId}</bdi>
            </a>
          ),
        },
        {
          head: 'Time',
          cell: (item) => (item.timestamp === null ? '–' : <Time at={new Date(item.timestamp)} precise />),
        },
        { head: 'Version', cell: (item) => <bdi>{item.modelVersion ?? '–'}</bdi> },
        { head: 'Predicted', class: 'num', cell: (item) => <bdi>{String(item.prediction ?? '–')}</bdi> },
        {
          head: 'Label',
          class: 'num',
          cell: (item) => (
            <>
              <bdi>{item.label?.label ?? '–'}</bdi>
              {(item.label?.revision ?? 0) > 1 && <span class="tag">corrected</span>}
            </>
          ),
        },
        { head: 'Features', class: 'soft', cell: (item) => <bdi>{featuresOf(item)}</bdi> },
      ]}
    />
  );
}

function featuresOf({ features }: FoundPrediction): string {
  const text = Object.entries(features)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => `${name} ${String(value)}`)
    .join(', ');
  return text.length > SHOWN ? `${text.slice(0, SHOWN).toWellFormed()}…` : text;
}
