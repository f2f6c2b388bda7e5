CREATE TABLE "uploads" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"oid" text NOT NULL,
	"size" bigint NOT NULL,
	"part_bytes" integer NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"touched_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"completed_at" timestamp (3) with time zone,
	CONSTRAINT "uploads_object" UNIQUE("project_id","oid","size")
);
--> statement-breakpoint
ALTER TABLE "uploads" ADD CONSTRAINT "uploads_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;