CREATE TABLE "legacy_names" (
	"project_id" integer NOT NULL,
	"name" text NOT NULL,
	"oid" text NOT NULL,
	"unix_sha256" text NOT NULL,
	"members" text[],
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "legacy_names_project_id_name_pk" PRIMARY KEY("project_id","name")
);
--> statement-breakpoint
ALTER TABLE "legacy_names" ADD CONSTRAINT "legacy_names_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "legacy_names_object" ON "legacy_names" USING btree ("project_id","oid");