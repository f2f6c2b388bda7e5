CREATE TABLE "retraining_stops" (
	"project_id" integer PRIMARY KEY NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"author" text NOT NULL,
	"reason" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "run_causes" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"policy_id" text NOT NULL,
	"kind" text NOT NULL,
	"key" text NOT NULL,
	"cause" jsonb NOT NULL,
	"episode_id" text,
	"state" text NOT NULL,
	"run_id" text,
	"blocked" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"decided_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "run_causes_key" UNIQUE("policy_id","key")
);
--> statement-breakpoint
DROP INDEX "runs_living";--> statement-breakpoint
ALTER TABLE "policies" ADD COLUMN "cursor" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "cause" jsonb;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "evaluation_version_id" bigint;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "answers_version_id" bigint;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "comparison" jsonb;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "former_model_version_id" bigint;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "former_reference_version_id" bigint;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "progress" double precision;--> statement-breakpoint
ALTER TABLE "runs" ADD COLUMN "approved_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "retraining_stops" ADD CONSTRAINT "retraining_stops_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_causes" ADD CONSTRAINT "run_causes_policy_id_policies_id_fk" FOREIGN KEY ("policy_id") REFERENCES "public"."policies"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "run_causes" ADD CONSTRAINT "run_causes_run_id_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "run_causes_policy" ON "run_causes" USING btree ("policy_id","id");--> statement-breakpoint
CREATE INDEX "run_causes_waiting" ON "run_causes" USING btree ("policy_id") WHERE "run_causes"."state" = 'waiting';--> statement-breakpoint
CREATE INDEX "run_causes_run" ON "run_causes" USING btree ("run_id");--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_evaluation_version_id_versions_id_fk" FOREIGN KEY ("evaluation_version_id") REFERENCES "public"."versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_answers_version_id_versions_id_fk" FOREIGN KEY ("answers_version_id") REFERENCES "public"."versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_former_model_version_id_model_versions_id_fk" FOREIGN KEY ("former_model_version_id") REFERENCES "public"."model_versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "runs" ADD CONSTRAINT "runs_former_reference_version_id_versions_id_fk" FOREIGN KEY ("former_reference_version_id") REFERENCES "public"."versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "runs_evaluation_version" ON "runs" USING btree ("evaluation_version_id");--> statement-breakpoint
CREATE INDEX "runs_answers_version" ON "runs" USING btree ("answers_version_id");--> statement-breakpoint
CREATE UNIQUE INDEX "runs_living" ON "runs" USING btree ("policy_id") WHERE "runs"."state" in ('awaiting_approval', 'preparing', 'requested', 'accepted', 'running');