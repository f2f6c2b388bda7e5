import { z } from 'zod';
import type { AlertRecord } from '../../../domain/alert/alerts.ts';
import { formatTime } from '../../format.ts';
import { State } from '../../layout.tsx';
import type { Links } from '../../links.ts';
import { Time } from '../../parts.tsx';

/** What a line of the timeline may carry; every member is somebody's to leave out. */
const detailShape = z.looseObject({
  run: z.string().optional().catch(undefined),
  policy: z.string().optional().catch(undefined),
  comment: z.string().optional().catch(undefined),
  reason: z.string().optional().catch(undefined),
  dataset: z.string().optional().catch(undefined),
  version: z.number().optional().catch(undefined),
  to: z.string().optional().catch(undefined),
  until: z.string().optional().catch(undefined),
  because: z
    .looseObject({
      code: z.string().optional(),
      by: z.string().optional(),
      run: z.string().optional(),
      until: z.string().optional(),
      silence: z.string().optional(),
      alert: z.string().optional(),
      detail: z.string().optional(),
    })
    .optional()
    .catch(undefined),
});

const REASONS: Readonly<Record<string, string>> = {
  drift_began: 'A window drifted.',
  drift_confirmed: 'Drift lasted as many windows as the monitor asks for.',
  drift_ended_early: 'Drift was gone before it was confirmed.',
  clean_window: 'A window without drift.',
  drift_returned: 'Drift came back before the alert was over.',
  recovered: 'As many clean windows as the monitor asks for.',
  reference_moved: 'The monitor compares with another reference from here on.',
  run_started: 'A retraining run was started.',
  run_blocked: 'A retraining run was not started.',
  acknowledged: 'Somebody has seen it.',
  assigned: 'Somebody looks after it, or no longer.',
  commented: 'A comment.',
  muted: 'Nobody is told of it for a time.',
  unmuted: 'Its receivers are told again.',
  held_back: 'Nobody was told.',
  escalated: 'It went on as long as the monitor allows, and is critical.',
  window_revised: 'Late data or labels changed the verdict on a window.',
  revised: 'Its windows as they are judged now make this of it.',
  withdrawn: 'By what is known now, it should not have fired.',
  by_hand: 'Ended by hand.',
  trouble_began: 'Something is wrong with the data.',
  trouble_passed: 'It was right again before anybody was told.',
  no_data: 'No data came for as long as the monitor allows.',
  judging_failed: 'Windows could not be judged, as many as the monitor allows.',
  schema_broken:
    'Columns lack or have another type, or rows name an unknown model version, in as many windows as the monitor allows.',
  volume_unusual: 'Far more or fewer rows than usual, in as many windows as the monitor allows.',
  data_late: 'Rows came far later than usual, in as many windows as the monitor allows.',
  mended: 'The data is right again.',
  worsening_began: 'A window with worse performance than the reference.',
  worsening_confirmed: 'Worse performance lasted as many windows as the monitor asks for.',
  worsening_ended_early: 'It was no worse any more before that was confirmed.',
  no_worse_window: 'A window no worse than the reference.',
  worsening_returned: 'It got worse again before the alert was over.',
  no_longer_watched: 'The monitor does not ask for this alert any more.',
};

type TimelineProps = {
  record: AlertRecord;
  links: Links;
  /** Starts of windows, by id. */
  starts: ReadonlyMap<number, Date>;
};

/** Every transition with its reason, its author and its evidence. */
export function AlertTimeline({ record, links, starts }: TimelineProps) {
  const { alert, events } = record;
  return (
    <ol class="timeline card">
      {events.map((event) => {
        const start = event.windowId === null ? undefined : starts.get(event.windowId);
        const moved = event.fromState !== event.toState;
        return (
          <li class={moved ? event.toState : 'noted'}>
            <div class="row">
              {moved && <State of={event.toState} />}
              <span>{REASONS[event.reason] ?? event.reason.replaceAll('_', ' ')}</span>
              {start !== undefined && (
                <a class="small" href={links.window({ model: alert.model, monitor: alert.monitor, start })}>
                  window of {formatTime(start)}
                </a>
              )}
            </div>
            <Detail detail={event.detail} links={links} />
            <div class="small faint">
              <Time at={event.at} precise /> by <bdi>{event.author}</bdi>
            </div>
          </li>
        );
      })}
    </ol>
  );
}

function Detail({ detail, links }: { detail: unknown; links: Links }) {
  const parsed = detailShape.safeParse(detail);
  if (!parsed.success) return null;
  const { run, policy, comment, reason, dataset, version, because, to, until } = parsed.data;
  return (
    <>
      {policy !== undefined && (
        <div class="small">
          policy <bdi>{policy}</bdi>
          {run !== undefined && (
            <>
              {', '}
              <a href={links.run(run)}>the run</a>
            </>
          )}
          {because?.code !== undefined && <>: {guardText(because.code, because.until)}</>}
        </div>
      )}
      {dataset !== undefined && version !== undefined && (
        <div class="small">
          <a href={links.version(dataset, version)}>
            <bdi>{dataset}</bdi>@v{version}
          </a>
        </div>
      )}
      {to !== undefined && (
        <div class="small">
          to <bdi>{to}</bdi>
        </div>
      )}
      {until !== undefined && <div class="small">until {timeText(until)}</div>}
      {because?.by !== undefined && (
        <div class="small">
          {heldText(because.by, because.until)} {because.silence !== undefined && <bdi>{because.silence}</bdi>}
          {because.alert !== undefined && <a href={links.alert(because.alert)}>that alert</a>}
        </div>
      )}
      {(comment ?? reason) !== undefined && (
        <div class="small">
          “<bdi>{comment ?? reason}</bdi>”
        </div>
      )}
    </>
  );
}

function heldText(by: string, until: string | undefined): string {
  if (by === 'mute') return `It is muted until ${timeText(until ?? '')}.`;
  if (by === 'inhibition') return "The model's data is broken or missing, and this follows from it:";
  return by === 'flapping' ? 'It comes and goes; its receivers know.' : 'A silence holds it back:';
}

const timeText = (time: string): string => (Number.isNaN(Date.parse(time)) ? '' : formatTime(time));

function guardText(code: string, until: string | undefined): string {
  if (code === 'run_in_flight') return 'blocked, because a run of this policy is under way';
  if (code === 'cooldown') {
    const end = timeText(until ?? '');
    return `blocked by its cooldown${end === '' ? '' : ` until ${end}`}`;
  }
  const end = timeText(until ?? '');
  return `blocked: ${code.replaceAll('_', ' ')}${end === '' ? '' : ` until ${end}`}`;
}
