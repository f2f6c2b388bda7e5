import { readCounts } from '../../../domain/log/read-batches.ts';
import { readModelVersions } from '../../../domain/model/bind-version.ts';
import { readModel } from '../../../domain/model/create-model.ts';
import { readModelMonitors } from '../../../domain/monitor/read.ts';
import { formatCount, formatShare } from '../../format.ts';
import { Command, Crumbs } from '../../layout.tsx';
import type { Content, Visit } from '../../page.tsx';
import { Fact, Section, Time } from '../../parts.tsx';
import { AlertLine } from '../alerts/alert-line.tsx';
import { openAlerts } from '../alerts/alert-lists.ts';
import { Accounts, ModelVersions } from './model-tables.tsx';
import { loadMonitor, MonitorSection } from './monitor-section.tsx';

/** One model: what it is asked, whether that still looks like what it learned, and how well it answers. */
export async function modelPage(visit: Visit): Promise<Content> {
  const { ctx, actor, links } = visit;
  const name = visit.param('model');
  const { model, currentVersion } = await readModel(ctx, actor, name);
  const [counts, versions, monitors, alerts] = await Promise.all([
    readCounts(ctx, actor, name),
    readModelVersions(ctx, actor, name),
    readModelMonitors(ctx, actor, name),
    openAlerts(visit, name),
  ]);
  const loaded = await Promise.all(monitors.map((detail) => loadMonitor(visit, detail)));
  const body = (
    <>
      <div class="headline">
        <div>
          <Crumbs path={[['Models', links.models]]} />
          <h1>
            <bdi>{model.name}</bdi>
          </h1>
          <p class="lede">
            <bdi>{model.description}</bdi>
          </p>
        </div>
      </div>
      {alerts.map((alert) => (
        <AlertLine alert={alert} links={links} now={visit.now} />
      ))}
      <dl class="facts">
        <Fact name="Task">{model.task}</Fact>
        <Fact name="Version in service">{currentVersion === null ? '–' : <bdi>{currentVersion}</bdi>}</Fact>
        <Fact name="Predictions">{formatCount(counts.predictions.accepted)}</Fact>
        <Fact name="Labelled">
          {counts.predictions.accepted === 0 ? '–' : formatShare(counts.labelled / counts.predictions.accepted)}
        </Fact>
        <Fact name="Seen up to">{counts.watermark === null ? '–' : <Time at={counts.watermark} />}</Fact>
      </dl>
      {loaded.map((monitor) => (
        <MonitorSection monitor={monitor} task={model.task} links={links} alone={loaded.length === 1} />
      ))}
      {loaded.length === 0 && <Unwatched model={name} base={ctx.publicUrl()} />}
      <div class="columns">
        <Section title="Versions">
          <ModelVersions versions={versions} links={links} current={currentVersion} />
        </Section>
        <Section
          title="Every row accounted for"
          aside={
            <a class="small" href={links.predictions(name)}>
              Find predictions
            </a>
          }
        >
          <Accounts counts={counts} />
        </Section>
      </div>
    </>
  );
  return { section: 'models', title: model.name, refresh: 5, body };
}

function Unwatched({ model, base }: { model: string; base: string }) {
  return (
    <section class="card empty">
      <h2>Nobody watches this model</h2>
      <p>A monitor needs nothing but a name.</p>
      <Command
        text={`curl -sS ${base}/v1/models/${encodeURIComponent(model)}/monitors -H 'content-type: application/json' -d '{"name":"daily"}'`}
      />
    </section>
  );
}
