CREATE TABLE "block_sums" (
	"project_id" integer NOT NULL,
	"oid" text NOT NULL,
	"sums" "bytea" NOT NULL,
	CONSTRAINT "block_sums_project_id_oid_pk" PRIMARY KEY("project_id","oid")
);
--> statement-breakpoint
ALTER TABLE "block_sums" ADD CONSTRAINT "block_sums_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;