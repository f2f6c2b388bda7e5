CREATE TABLE "reference_importance" (
	"monitor_revision_id" bigint PRIMARY KEY NOT NULL,
	"importance" jsonb NOT NULL,
	"computed_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "reference_importance" ADD CONSTRAINT "reference_importance_monitor_revision_id_monitor_revisions_id_fk" FOREIGN KEY ("monitor_revision_id") REFERENCES "public"."monitor_revisions"("id") ON DELETE no action ON UPDATE no action;