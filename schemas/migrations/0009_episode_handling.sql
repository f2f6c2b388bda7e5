CREATE TABLE "silences" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"matchers" jsonb NOT NULL,
	"starts_at" timestamp (3) with time zone NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL,
	"author" text NOT NULL,
	"comment" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "episodes" ADD COLUMN "recent" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "episodes" ADD COLUMN "severity" text DEFAULT 'warning' NOT NULL;--> statement-breakpoint
ALTER TABLE "episodes" ADD COLUMN "assigned_to" text;--> statement-breakpoint
ALTER TABLE "episodes" ADD COLUMN "muted_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "episodes" ADD COLUMN "notified_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "episodes" ADD COLUMN "held_since" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "episodes" ADD COLUMN "repeat_seconds" integer;--> statement-breakpoint
ALTER TABLE "silences" ADD CONSTRAINT "silences_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "silences_project" ON "silences" USING btree ("project_id","ends_at");--> statement-breakpoint
CREATE INDEX "episodes_firing" ON "episodes" USING btree ("notified_at") WHERE "episodes"."state" = 'firing';