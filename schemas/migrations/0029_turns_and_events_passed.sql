ALTER TABLE "jobs" ADD COLUMN "project_id" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "monitor_id" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "jobs" ADD COLUMN "backfill" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "batches" ADD COLUMN "passed_time" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "models" ADD COLUMN "newest_event" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "monitors" ADD COLUMN "newest_event" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "jobs_turn" ON "jobs" USING btree ("name","project_id","monitor_id","backfill","run_at","id") WHERE "jobs"."state" = 'waiting';