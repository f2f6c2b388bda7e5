ALTER TABLE "batches" ADD COLUMN "passed_time" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "models" ADD COLUMN "newest_event" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "monitors" ADD COLUMN "newest_event" timestamp (3) with time zone;