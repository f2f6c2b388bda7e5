CREATE TABLE "version_parents" (
	"version_id" bigint NOT NULL,
	"parent_id" bigint NOT NULL,
	"position" integer NOT NULL,
	CONSTRAINT "version_parents_version_id_parent_id_pk" PRIMARY KEY("version_id","parent_id")
);
--> statement-breakpoint
ALTER TABLE "tags" ADD COLUMN "fixed" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "author" text;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "labels" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "git_rev" text;--> statement-breakpoint
ALTER TABLE "version_parents" ADD CONSTRAINT "version_parents_version_id_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "version_parents" ADD CONSTRAINT "version_parents_parent_id_versions_id_fk" FOREIGN KEY ("parent_id") REFERENCES "public"."versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "version_parents_parent" ON "version_parents" USING btree ("parent_id");--> statement-breakpoint
CREATE INDEX "episode_events_window" ON "episode_events" USING btree ("window_id");--> statement-breakpoint
CREATE INDEX "episodes_monitor" ON "episodes" USING btree ("monitor_id");--> statement-breakpoint
CREATE INDEX "runs_episode" ON "runs" USING btree ("episode_id");--> statement-breakpoint
CREATE INDEX "runs_derived_version" ON "runs" USING btree ("derived_version_id");--> statement-breakpoint
CREATE INDEX "runs_model_version" ON "runs" USING btree ("model_version_id");