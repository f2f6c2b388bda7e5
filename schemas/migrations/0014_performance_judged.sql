CREATE TABLE "reference_performance" (
	"monitor_revision_id" bigint PRIMARY KEY NOT NULL,
	"metrics" jsonb NOT NULL,
	"computed_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "window_estimates" (
	"window_id" bigint PRIMARY KEY NOT NULL,
	"revision" integer NOT NULL,
	"estimate" jsonb NOT NULL,
	"computed_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "reference_performance" ADD CONSTRAINT "reference_performance_monitor_revision_id_monitor_revisions_id_fk" FOREIGN KEY ("monitor_revision_id") REFERENCES "public"."monitor_revisions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "window_estimates" ADD CONSTRAINT "window_estimates_window_id_windows_id_fk" FOREIGN KEY ("window_id") REFERENCES "public"."windows"("id") ON DELETE no action ON UPDATE no action;