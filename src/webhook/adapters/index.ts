import type { TargetKind } from '../../../schemas/wire/targets.ts';
import type { Adapter, MailAdapter } from './adapter.ts';
import { airflow } from './airflow.ts';
import { alertmanager } from './alertmanager.ts';
import { argoEvents } from './argo-events.ts';
import { email } from './email.ts';
import { githubRepositoryDispatch } from './github-repository-dispatch.ts';
import { githubWorkflowDispatch } from './github-workflow-dispatch.ts';
import { gitlabPipeline } from './gitlab-pipeline.ts';
import { jenkins } from './jenkins.ts';
import { kubeflowPipelines } from './kubeflow-pipelines.ts';
import { mlflow } from './mlflow.ts';
import { pagerduty } from './pagerduty.ts';
import { sagemakerPipelines } from './sagemaker-pipelines.ts';
import { slack } from './slack.ts';
import { teams } from './teams.ts';
import { template } from './template.ts';

const ADAPTERS: { readonly [K in TargetKind]: K extends 'email' ? MailAdapter : Adapter<K> } = {
  github_repository_dispatch: githubRepositoryDispatch,
  github_workflow_dispatch: githubWorkflowDispatch,
  gitlab_pipeline: gitlabPipeline,
  airflow,
  jenkins,
  argo_events: argoEvents,
  kubeflow_pipelines: kubeflowPipelines,
  sagemaker_pipelines: sagemakerPipelines,
  mlflow,
  alertmanager,
  slack,
  teams,
  email,
  pagerduty,
  template,
};

/** An adapter of any kind; each is given targets of its own kind alone. */
export type AnyAdapter = Adapter<TargetKind> | MailAdapter;

/** The adapter of a kind of endpoint. */
export function adapterOf(kind: TargetKind): AnyAdapter {
  // What is asked of it comes with a target of that kind, which the type of all kinds cannot say.
  return ADAPTERS[kind] as AnyAdapter;
}
