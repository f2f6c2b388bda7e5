/** Why a window has no verdict on drift, and what it would take. Pure; times are milliseconds since 1970. */

type NotJudgedCode =
  | 'monitor-off'
  | 'batches-unsettled'
  | 'batches-unsorted'
  | 'events-before-end'
  | 'lateness-not-over'
  | 'rows-missing'
  | 'reference-not-profiled'
  | 'reference-not-judged'
  | 'not-calibrated'
  | 'queued'
  | 'set-aside'
  | 'failed'
  | 'no-rows'
  | 'too-few-rows'
  | 'too-few-reference-windows'
  | 'nothing-comparable';

export type Reason = {
  readonly code: NotJudgedCode;
  readonly message: string;
  readonly have: number | string | null;
  readonly need: number | string | null;
  readonly remedy: string;
};

export type WindowFacts = {
  readonly model: string;
  readonly enabled: boolean;
  readonly window: {
    readonly state: 'open' | 'ready' | 'judged' | 'failed';
    readonly verdict: string | null;
    readonly end: number;
    readonly rows: number;
    readonly error: string | null;
  };
  /** Rows that a window is made of; null where time makes it. */
  readonly perWindow: number | null;
  readonly watermark: number | null;
  readonly latenessSeconds: number;
  readonly idleAfterSeconds: number;
  readonly lastBatchAt: number | null;
  readonly unsettledBatches: number;
  /** Settled batches that the monitor has not sorted into windows. */
  readonly unsortedBatches: number;
  readonly referenceState: string;
  /** A window that it is to be compared with, or that decides with which, and that is not judged itself. */
  readonly waitingFor: { readonly start: number; readonly end: number; readonly whose: string } | null;
  /** It has a rate of false alarms whose limits are not made yet; `error`: why the last try failed. */
  readonly uncalibrated: { readonly error: string | null } | null;
  readonly job: {
    readonly state: string;
    readonly attempts: number;
    readonly runAt: number;
    readonly error: string | null;
  } | null;
  readonly minimumRows: number;
  readonly referenceRows: number | null;
  /** Where windows to compare with were lacking. */
  readonly referenceWindows: { readonly found: number; readonly needed: number } | null;
};

const iso = (time: number): string => new Date(time).toISOString();

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;

const MOMENT = 'Nothing: it takes a moment.';

/** In order of what has to happen first; empty when the window has been judged. */
export function reasonsNotJudged(facts: WindowFacts): Reason[] {
  const { state, verdict } = facts.window;
  if (state === 'open') return [...ofTheLog(facts), ...ofAnOpenWindow(facts)];
  if (state === 'ready') return ofAReadyWindow(facts);
  if (state === 'failed') return [failed(facts)];
  if (verdict === 'insufficient_data') return [tooLittle(facts)];
  if (verdict !== 'no_data') return [];
  const message = 'Nothing was predicted in this window, so there is nothing to judge.';
  const remedy = 'If predictions are missing, log them: late ones make a new revision of the window.';
  return [...ofTheLog(facts), { code: 'no-rows', message, have: 0, need: facts.minimumRows, remedy }];
}

function ofTheLog({ enabled, unsettledBatches, unsortedBatches }: WindowFacts): Reason[] {
  const reasons: Reason[] = [];
  if (!enabled) {
    const message = 'The monitor is switched off; its windows stay as they are.';
    reasons.push({
      code: 'monitor-off',
      message,
      have: null,
      need: null,
      remedy: 'PATCH the monitor with {"enabled": true}.',
    });
  }
  if (unsettledBatches > 0) {
    const message = `${counted(unsettledBatches, 'batch')} of predictions ${unsettledBatches === 1 ? 'is' : 'are'} accepted, and repeats in them are not settled yet.`;
    reasons.push({ code: 'batches-unsettled', message, have: unsettledBatches, need: 0, remedy: MOMENT });
  }
  if (unsortedBatches > 0 && enabled) {
    const message = `${counted(unsortedBatches, 'settled batch')} ${unsortedBatches === 1 ? 'is' : 'are'} not sorted into windows yet.`;
    reasons.push({ code: 'batches-unsorted', message, have: unsortedBatches, need: 0, remedy: MOMENT });
  }
  return reasons;
}

function ofAnOpenWindow(facts: WindowFacts): Reason[] {
  const { window, perWindow, watermark } = facts;
  if (perWindow === null) return [waitingForEvents(facts, window.end)];
  if (window.rows < perWindow) {
    const message = `The window is made of ${perWindow} predictions; ${window.rows} have come.`;
    const remedy = `Log ${counted(perWindow - window.rows, 'more prediction')}.`;
    return [{ code: 'rows-missing', message, have: window.rows, need: perWindow, remedy }];
  }
  return [waitingForEvents(facts, watermark ?? window.end)];
}

function waitingForEvents(facts: WindowFacts, end: number): Reason {
  const { watermark, latenessSeconds, idleAfterSeconds, lastBatchAt, model } = facts;
  const closesAt = end + latenessSeconds * 1000;
  const over = watermark !== null && watermark >= end;
  const seen = watermark === null ? 'no event has been seen' : `events have been seen up to ${iso(watermark)}`;
  const message = over
    ? `Its predictions may come late until events pass ${iso(closesAt)}; ${seen}.`
    : `It ends at ${iso(end)}, and closes once events pass ${iso(closesAt)}; ${seen}.`;
  const quiet =
    lastBatchAt === null
      ? ''
      : ` If no batch comes any more, the clock closes it at ${iso(Math.max(closesAt, lastBatchAt + idleAfterSeconds * 1000))}.`;
  return {
    code: over ? 'lateness-not-over' : 'events-before-end',
    message,
    have: watermark === null ? null : iso(watermark),
    need: iso(closesAt),
    remedy: `Log predictions of that time, or say that none will come before it: POST /v1/models/${model}/watermark with {"through": "${iso(closesAt)}"}.${quiet}`,
  };
}

function ofAReadyWindow({ referenceState, waitingFor, uncalibrated, job }: WindowFacts): Reason[] {
  if (referenceState === 'pending') {
    const message = 'The reference is still being profiled.';
    return [{ code: 'reference-not-profiled', message, have: referenceState, need: 'ready', remedy: MOMENT }];
  }
  if (uncalibrated !== null) {
    const message = `Its limits are being made from its reference and its rate of false alarms${uncalibrated.error === null ? '.' : `; the last try failed: ${uncalibrated.error}`}`;
    return [{ code: 'not-calibrated', message, have: null, need: null, remedy: 'Nothing: it takes up to a minute.' }];
  }
  if (waitingFor !== null) {
    const { start, end, whose } = waitingFor;
    const message = `What it is compared with depends on the window of ${whose} from ${iso(start)} to ${iso(end)}, which is not judged yet.`;
    const remedy = 'See why that window is not judged.';
    return [{ code: 'reference-not-judged', message, have: null, need: iso(start), remedy }];
  }
  if (job?.state === 'dead') {
    const message = `Judging it failed ${counted(job.attempts, 'time')} and was given up: ${job.error ?? 'no reason was kept'}`;
    const remedy = 'See `tidemark doctor`; a change of the monitor has its windows judged again.';
    return [{ code: 'set-aside', message, have: job.attempts, need: null, remedy }];
  }
  if (job === null || job.state === 'active' || job.attempts === 0) {
    const message = job?.state === 'active' ? 'A worker is judging it.' : 'It is complete and waits for a worker.';
    return [
      {
        code: 'queued',
        message,
        have: null,
        need: null,
        remedy: 'Nothing, while a worker runs: `tidemark doctor` tells.',
      },
    ];
  }
  const message = `Judging it failed ${counted(job.attempts, 'time')} and is tried again at ${iso(job.runAt)}: ${job.error ?? 'no reason was kept'}`;
  return [
    { code: 'queued', message, have: job.attempts, need: null, remedy: 'Nothing, unless the reason says otherwise.' },
  ];
}

function failed({ window }: WindowFacts): Reason {
  const message = `It could not be judged: ${window.error ?? 'no reason was kept'}`;
  const remedy = 'Mend what the reason names, then POST …/windows/{start}/judge.';
  return { code: 'failed', message, have: null, need: null, remedy };
}

function tooLittle({ window, minimumRows, referenceRows, referenceWindows }: WindowFacts): Reason {
  const low = window.rows < minimumRows;
  if (!low && referenceWindows !== null) {
    const { found: have, needed: need } = referenceWindows;
    const message = `It is compared with the windows before it: ${have} could be, and a verdict takes ${need}.`;
    const remedy = 'Nothing, while windows come; or choose fewer, or a smaller "reference.at_least".';
    return { code: 'too-few-reference-windows', message, have, need, remedy };
  }
  if (!low && (referenceRows === null || referenceRows >= minimumRows)) {
    const message =
      'No column of the window can be compared with the reference, or has too few rows with a value; the report says of each why.';
    const remedy = 'See the columns of the report: roles, types and names are what they mostly name.';
    return { code: 'nothing-comparable', message, have: null, need: null, remedy };
  }
  const have = low ? window.rows : referenceRows;
  const message = `The ${low ? 'window' : 'reference'} has ${have} rows; a verdict takes ${minimumRows} on each side.`;
  const remedy = low
    ? 'Wait for late rows, choose longer windows, or a smaller "minimum_rows".'
    : 'Choose a reference with more rows, or a smaller "minimum_rows".';
  return { code: 'too-few-rows', message, have, need: minimumRows, remedy };
}
