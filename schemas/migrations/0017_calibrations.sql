CREATE TABLE "monitor_calibrations" (
	"revision_id" bigint PRIMARY KEY NOT NULL,
	"body" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "monitor_calibrations" ADD CONSTRAINT "monitor_calibrations_revision_id_monitor_revisions_id_fk" FOREIGN KEY ("revision_id") REFERENCES "public"."monitor_revisions"("id") ON DELETE no action ON UPDATE no action;