CREATE TABLE "adopted_calibrations" (
	"revision_id" bigint NOT NULL,
	"since" timestamp (3) with time zone NOT NULL,
	"body" jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "adopted_calibrations_revision_id_since_pk" PRIMARY KEY("revision_id","since")
);
--> statement-breakpoint
ALTER TABLE "adopted_calibrations" ADD CONSTRAINT "adopted_calibrations_revision_id_monitor_revisions_id_fk" FOREIGN KEY ("revision_id") REFERENCES "public"."monitor_revisions"("id") ON DELETE no action ON UPDATE no action;