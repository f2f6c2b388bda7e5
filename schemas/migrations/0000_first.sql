CREATE TABLE "api_keys" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"name" text NOT NULL,
	"secret_sha256" text NOT NULL,
	"scopes" text[] NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"revoked_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "idempotency_keys" (
	"project_id" integer NOT NULL,
	"key" text NOT NULL,
	"route" text NOT NULL,
	"body_sha256" text NOT NULL,
	"status" integer NOT NULL,
	"answer" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "idempotency_keys_project_id_key_pk" PRIMARY KEY("project_id","key")
);
--> statement-breakpoint
CREATE TABLE "projects" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "projects_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "projects_name_unique" UNIQUE("name")
);
--> statement-breakpoint
CREATE TABLE "episode_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "episode_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"episode_id" text NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"from_state" text,
	"to_state" text NOT NULL,
	"reason" text NOT NULL,
	"author" text NOT NULL,
	"window_id" bigint,
	"report_id" text,
	"detail" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "episodes" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"monitor_id" bigint NOT NULL,
	"fingerprint" text NOT NULL,
	"target" text NOT NULL,
	"state" text NOT NULL,
	"streak" integer NOT NULL,
	"from" timestamp (3) with time zone NOT NULL,
	"through" timestamp (3) with time zone NOT NULL,
	"fired_at" timestamp (3) with time zone,
	"resolved_at" timestamp (3) with time zone,
	"acknowledged_at" timestamp (3) with time zone,
	"acknowledged_by" text,
	"last_report_id" text NOT NULL,
	"summary" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "datasets" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "datasets_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"project_id" integer NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "datasets_name" UNIQUE("project_id","name")
);
--> statement-breakpoint
CREATE TABLE "file_profiles" (
	"project_id" integer NOT NULL,
	"oid" text NOT NULL,
	"method" text NOT NULL,
	"state" text NOT NULL,
	"profile" jsonb,
	"error" jsonb,
	"milliseconds" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "file_profiles_project_id_oid_method_pk" PRIMARY KEY("project_id","oid","method")
);
--> statement-breakpoint
CREATE TABLE "manifest_entries" (
	"project_id" integer NOT NULL,
	"oid" text NOT NULL,
	"position" integer NOT NULL,
	"path" text NOT NULL,
	"md5" text NOT NULL,
	CONSTRAINT "manifest_entries_project_id_oid_path_pk" PRIMARY KEY("project_id","oid","path")
);
--> statement-breakpoint
CREATE TABLE "objects" (
	"project_id" integer NOT NULL,
	"oid" text NOT NULL,
	"sha256" text NOT NULL,
	"size" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"verified_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"quarantined_at" timestamp (3) with time zone,
	CONSTRAINT "objects_project_id_oid_pk" PRIMARY KEY("project_id","oid")
);
--> statement-breakpoint
CREATE TABLE "tags" (
	"dataset_id" bigint NOT NULL,
	"name" text NOT NULL,
	"version_id" bigint NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "tags_dataset_id_name_pk" PRIMARY KEY("dataset_id","name")
);
--> statement-breakpoint
CREATE TABLE "version_profiles" (
	"version_id" bigint PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"profile" jsonb,
	"schema" jsonb,
	"error" jsonb,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "versions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "versions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"project_id" integer NOT NULL,
	"dataset_id" bigint NOT NULL,
	"number" integer NOT NULL,
	"oid" text NOT NULL,
	"path" text NOT NULL,
	"files" integer NOT NULL,
	"bytes" bigint NOT NULL,
	"sha256_root" text NOT NULL,
	"message" text DEFAULT '' NOT NULL,
	"provenance" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "versions_number" UNIQUE("dataset_id","number"),
	CONSTRAINT "versions_content" UNIQUE("dataset_id","oid","path")
);
--> statement-breakpoint
CREATE TABLE "jobs" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "jobs_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"key" text NOT NULL,
	"payload" jsonb NOT NULL,
	"state" text DEFAULT 'waiting' NOT NULL,
	"run_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"lease_until" timestamp (3) with time zone,
	"error" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "batches" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "batches_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"project_id" integer NOT NULL,
	"model_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"oid" text NOT NULL,
	"bytes" bigint NOT NULL,
	"rows" integer NOT NULL,
	"rejected" integer NOT NULL,
	"duplicates" integer NOT NULL,
	"conflicts" integer NOT NULL,
	"repeats" "bytea",
	"violations" jsonb NOT NULL,
	"min_time" timestamp (3) with time zone,
	"max_time" timestamp (3) with time zone,
	"state" text NOT NULL,
	"settle_sequence" bigint,
	"received_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"settled_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "label_index" (
	"model_id" bigint NOT NULL,
	"id_hash" uuid NOT NULL,
	"label" text NOT NULL,
	"revision" integer NOT NULL,
	"batch_id" bigint NOT NULL,
	"labelled_at" timestamp (3) with time zone,
	CONSTRAINT "label_index_model_id_id_hash_pk" PRIMARY KEY("model_id","id_hash")
);
--> statement-breakpoint
CREATE TABLE "prediction_index" (
	"model_id" bigint NOT NULL,
	"id_hash" uuid NOT NULL,
	"batch_id" bigint NOT NULL,
	"row" integer NOT NULL,
	"event_time" timestamp (3) with time zone NOT NULL,
	"content_hash" bigint NOT NULL,
	CONSTRAINT "prediction_index_model_id_id_hash_pk" PRIMARY KEY("model_id","id_hash")
);
--> statement-breakpoint
CREATE TABLE "rejected_rows" (
	"batch_id" bigint NOT NULL,
	"line" integer NOT NULL,
	"field" text NOT NULL,
	"code" text NOT NULL,
	"detail" text NOT NULL,
	"raw" text,
	CONSTRAINT "rejected_rows_batch_id_line_pk" PRIMARY KEY("batch_id","line")
);
--> statement-breakpoint
CREATE TABLE "model_versions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "model_versions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"project_id" integer NOT NULL,
	"model_id" bigint NOT NULL,
	"name" text NOT NULL,
	"number" integer NOT NULL,
	"dataset_version_id" bigint NOT NULL,
	"roles" jsonb NOT NULL,
	"metrics" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"promoted_at" timestamp (3) with time zone,
	CONSTRAINT "model_versions_name" UNIQUE("model_id","name"),
	CONSTRAINT "model_versions_number" UNIQUE("model_id","number")
);
--> statement-breakpoint
CREATE TABLE "models" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "models_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"project_id" integer NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"task" text NOT NULL,
	"positive_label" text,
	"current_version_id" bigint,
	"watermark" timestamp (3) with time zone,
	"last_batch_at" timestamp (3) with time zone,
	"settle_sequence" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "models_name" UNIQUE("project_id","name")
);
--> statement-breakpoint
CREATE TABLE "column_verdicts" (
	"report_id" text NOT NULL,
	"position" integer NOT NULL,
	"column" text NOT NULL,
	"role" text NOT NULL,
	"verdict" text NOT NULL,
	"measure" text,
	"effect" double precision,
	"limit" double precision,
	"p" double precision,
	"q" double precision,
	"why" text NOT NULL,
	CONSTRAINT "column_verdicts_report_id_column_pk" PRIMARY KEY("report_id","column")
);
--> statement-breakpoint
CREATE TABLE "monitor_revisions" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "monitor_revisions_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"monitor_id" bigint NOT NULL,
	"revision" integer NOT NULL,
	"effective_from" timestamp (3) with time zone,
	"config" jsonb NOT NULL,
	"reference_version_id" bigint NOT NULL,
	"reference_oid" text NOT NULL,
	"reason" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "monitor_revisions_number" UNIQUE("monitor_id","revision")
);
--> statement-breakpoint
CREATE TABLE "monitors" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "monitors_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"project_id" integer NOT NULL,
	"model_id" bigint NOT NULL,
	"name" text NOT NULL,
	"enabled" text NOT NULL,
	"windowed_through" bigint DEFAULT 0 NOT NULL,
	"watermark" timestamp (3) with time zone,
	"evaluated_through" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "monitors_name" UNIQUE("model_id","name")
);
--> statement-breakpoint
CREATE TABLE "reports" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"monitor_id" bigint NOT NULL,
	"window_id" bigint NOT NULL,
	"revision" integer NOT NULL,
	"monitor_revision_id" bigint NOT NULL,
	"reference_oid" text NOT NULL,
	"inputs" jsonb NOT NULL,
	"verdict" text NOT NULL,
	"rows" integer NOT NULL,
	"body" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "reports_revision" UNIQUE("window_id","revision")
);
--> statement-breakpoint
CREATE TABLE "window_performance" (
	"window_id" bigint PRIMARY KEY NOT NULL,
	"rows" integer NOT NULL,
	"labelled" integer NOT NULL,
	"metrics" jsonb NOT NULL,
	"computed_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "windows" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "windows_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"project_id" integer NOT NULL,
	"monitor_id" bigint NOT NULL,
	"start" timestamp (3) with time zone NOT NULL,
	"end" timestamp (3) with time zone NOT NULL,
	"revision" integer NOT NULL,
	"state" text NOT NULL,
	"verdict" text,
	"report_id" text,
	"rows" integer NOT NULL,
	"error" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"judged_at" timestamp (3) with time zone,
	CONSTRAINT "windows_start" UNIQUE("monitor_id","start")
);
--> statement-breakpoint
CREATE TABLE "policies" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"model_id" bigint NOT NULL,
	"monitor_id" bigint NOT NULL,
	"name" text NOT NULL,
	"enabled" text NOT NULL,
	"config" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "policies_name" UNIQUE("project_id","name")
);
--> statement-breakpoint
CREATE TABLE "run_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "run_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" text NOT NULL,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"state" text NOT NULL,
	"author" text NOT NULL,
	"detail" jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "run_tokens" (
	"sha256" text PRIMARY KEY NOT NULL,
	"run_id" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"used_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "runs" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"policy_id" text NOT NULL,
	"model_id" bigint NOT NULL,
	"monitor_id" bigint NOT NULL,
	"episode_id" text,
	"state" text NOT NULL,
	"reference_version_id" bigint NOT NULL,
	"derived_version_id" bigint,
	"model_version_id" bigint,
	"external_url" text,
	"metrics" jsonb NOT NULL,
	"error" text,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"deadline_at" timestamp (3) with time zone NOT NULL,
	"promoted_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "attempts" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "attempts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"message_id" text NOT NULL,
	"number" integer NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"milliseconds" integer NOT NULL,
	"outcome" text NOT NULL,
	"status" integer,
	"error" text,
	"response" text
);
--> statement-breakpoint
CREATE TABLE "endpoints" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"url" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"events" text[] NOT NULL,
	"secret" "bytea" NOT NULL,
	"state" text NOT NULL,
	"disabled_reason" text,
	"failing_since" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"endpoint_id" text NOT NULL,
	"type" text NOT NULL,
	"subject" text NOT NULL,
	"body" text NOT NULL,
	"state" text NOT NULL,
	"attempts" integer NOT NULL,
	"next_attempt_at" timestamp (3) with time zone,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"settled_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "idempotency_keys" ADD CONSTRAINT "idempotency_keys_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "episode_events" ADD CONSTRAINT "episode_events_episode_id_episodes_id_fk" FOREIGN KEY ("episode_id") REFERENCES "public"."episodes"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "episodes" ADD CONSTRAINT "episodes_monitor_id_monitors_id_fk" FOREIGN KEY ("monitor_id") REFERENCES "public"."monitors"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "datasets" ADD CONSTRAINT "datasets_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "objects" ADD CONSTRAINT "objects_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tags" ADD CONSTRAINT "tags_dataset_id_datasets_id_fk" FOREIGN KEY ("dataset_id") REFERENCES "public"."datasets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "tags" ADD CONSTRAINT "tags_version_id_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "version_profiles" ADD CONSTRAINT "version_profiles_version_id_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "versions" ADD CONSTRAINT "versions_dataset_id_datasets_id_fk" FOREIGN KEY ("dataset_id") REFERENCES "public"."datasets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "batches" ADD CONSTRAINT "batches_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rejected_rows" ADD CONSTRAINT "rejected_rows_batch_id_batches_id_fk" FOREIGN KEY ("batch_id") REFERENCES "public"."batches"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "model_versions" ADD CONSTRAINT "model_versions_dataset_version_id_versions_id_fk" FOREIGN KEY ("dataset_version_id") REFERENCES "public"."versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "models" ADD CONSTRAINT "models_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "models" ADD CONSTRAINT "models_current_version_id_model_versions_id_fk" FOREIGN KEY ("current_version_id") REFERENCES "public"."model_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "column_verdicts" ADD CONSTRAINT "column_verdicts_report_id_reports_id_fk" FOREIGN KEY ("report_id") REFERENCES "public"."reports"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "monitor_revisions" ADD CONSTRAINT "monitor_revisions_monitor_id_monitors_id_fk" FOREIGN KEY ("monitor_id") REFERENCES "public"."monitors"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "monitor_revisions" ADD CONSTRAINT "monitor_revisions_reference_version_id_versions_id_fk" FOREIGN KEY ("reference_version_id") REFERENCES "public"."versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "monitors" ADD CONSTRAINT "monitors_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reports" ADD CONSTRAINT "reports_window_id_windows_id_fk" FOREIGN KEY ("window_id") REFERENCES "public"."windows"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reports" ADD CONSTRAINT "reports_monitor_revision_id_monitor_revisions_id_fk" FOREIGN KEY ("monitor_revision_id") REFERENCES "public"."monitor_revisions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "window_performance" ADD CONSTRAINT "window_performance_window_id_windows_id_fk" FOREIGN KEY ("window_id") REFERENCES "public"."windows"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "windows" ADD CONSTRAINT "windows_monitor_id_monitors_id_fk" FOREIGN KEY ("monitor_id") REFERENCES "public"."monitors"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "policies" ADD CONSTRAINT "policies_monitor_id_monitors_id_fk" FOREIGN KEY ("monitor_id") REFERENCES "public"."monitors"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_events" ADD CONSTRAINT "run_events_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_tokens" ADD CONSTRAINT "run_tokens_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_policy_id_policies_id_fk" FOREIGN KEY ("policy_id") REFERENCES "public"."policies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_reference_version_id_versions_id_fk" FOREIGN KEY ("reference_version_id") REFERENCES "public"."versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_derived_version_id_versions_id_fk" FOREIGN KEY ("derived_version_id") REFERENCES "public"."versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_model_version_id_model_versions_id_fk" FOREIGN KEY ("model_version_id") REFERENCES "public"."model_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "attempts" ADD CONSTRAINT "attempts_message_id_messages_id_fk" FOREIGN KEY ("message_id") REFERENCES "public"."messages"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "endpoints" ADD CONSTRAINT "endpoints_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_endpoint_id_endpoints_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."endpoints"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "api_keys_project" ON "api_keys" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "idempotency_keys_age" ON "idempotency_keys" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "episode_events_episode" ON "episode_events" USING btree ("episode_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "episodes_living" ON "episodes" USING btree ("fingerprint") WHERE "episodes"."state" <> 'resolved';--> statement-breakpoint
CREATE INDEX "episodes_project" ON "episodes" USING btree ("project_id","created_at");--> statement-breakpoint
CREATE INDEX "manifest_entries_member" ON "manifest_entries" USING btree ("project_id","md5");--> statement-breakpoint
CREATE INDEX "versions_oid" ON "versions" USING btree ("project_id","oid");--> statement-breakpoint
CREATE UNIQUE INDEX "jobs_waiting" ON "jobs" USING btree ("name","key") WHERE "jobs"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "jobs_due" ON "jobs" USING btree ("state","run_at");--> statement-breakpoint
CREATE INDEX "batches_unsettled" ON "batches" USING btree ("model_id","state","id");--> statement-breakpoint
CREATE INDEX "batches_settled" ON "batches" USING btree ("model_id","settle_sequence");--> statement-breakpoint
CREATE INDEX "batches_time" ON "batches" USING btree ("model_id","kind","min_time","max_time");--> statement-breakpoint
CREATE INDEX "label_index_batch" ON "label_index" USING btree ("batch_id");--> statement-breakpoint
CREATE INDEX "prediction_index_batch" ON "prediction_index" USING btree ("batch_id");--> statement-breakpoint
CREATE INDEX "model_versions_dataset" ON "model_versions" USING btree ("dataset_version_id");--> statement-breakpoint
CREATE INDEX "monitors_project" ON "monitors" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "reports_monitor" ON "reports" USING btree ("monitor_id");--> statement-breakpoint
CREATE INDEX "windows_state" ON "windows" USING btree ("monitor_id","state","end");--> statement-breakpoint
CREATE INDEX "run_events_run" ON "run_events" USING btree ("run_id","id");--> statement-breakpoint
CREATE INDEX "run_tokens_run" ON "run_tokens" USING btree ("run_id");--> statement-breakpoint
CREATE UNIQUE INDEX "runs_living" ON "runs" USING btree ("policy_id") WHERE "runs"."state" in ('preparing', 'requested', 'accepted', 'running');--> statement-breakpoint
CREATE INDEX "runs_project" ON "runs" USING btree ("project_id","created_at");--> statement-breakpoint
CREATE INDEX "attempts_message" ON "attempts" USING btree ("message_id","number");--> statement-breakpoint
CREATE INDEX "endpoints_project" ON "endpoints" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "messages_endpoint" ON "messages" USING btree ("endpoint_id","created_at");--> statement-breakpoint
CREATE INDEX "messages_subject" ON "messages" USING btree ("project_id","subject");--> statement-breakpoint
CREATE INDEX "messages_pending" ON "messages" USING btree ("state","next_attempt_at");
--> statement-breakpoint
INSERT INTO "projects" ("name") VALUES ('default');
