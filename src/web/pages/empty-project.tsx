import { Command } from '../layout.tsx';

/** What to type first, in a project that holds nothing. */
export function EmptyProject({ project, base }: { project: string; base: string }) {
  // Without a header requests mean the project "default".
  const header = project === 'default' ? '' : ` -H 'tidemark-project: ${project}'`;
  const json = " -H 'content-type: application/json'";
  return (
    <section class="card start">
      <h1>Nothing here yet</h1>
      <p class="soft">Push a file. The bytes are hashed on the way in, and a worker reads what is in them.</p>
      <Command
        text={`curl -sS --data-binary @train.csv${header} '${base}/v1/datasets/churn/versions?path=train.csv'`}
      />
      <p class="soft">Say which model was trained on it, and watch it; a name is enough for a sensible monitor.</p>
      <Command text={`curl -sS ${base}/v1/models${header}${json} -d '{"name":"churn","task":"binary"}'`} />
      <Command text={`curl -sS ${base}/v1/models/churn/versions${header}${json} -d '{"dataset":"churn","ref":"v1"}'`} />
      <Command text={`curl -sS ${base}/v1/models/churn/monitors${header}${json} -d '{"name":"daily"}'`} />
      <p class="soft">Log predictions, and labels whenever they come.</p>
      <Command
        text={`curl -sS ${base}/v1/models/churn/predictions${header} -H 'content-type: application/x-ndjson' --data-binary @predictions.ndjson`}
      />
      <p class="small faint">This page looks for news by itself.</p>
    </section>
  );
}
