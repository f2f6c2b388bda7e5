DROP INDEX "messages_due";--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "external_id" text;--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "external_url" text;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "kind" text DEFAULT 'standard' NOT NULL;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "options" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "credentials" "bytea";--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "uncertain_since" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "messages_due" ON "messages" USING btree ("endpoint_id","next_attempt_at") WHERE "messages"."state" in ('pending', 'standing');