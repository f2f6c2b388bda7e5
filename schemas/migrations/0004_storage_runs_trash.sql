CREATE TABLE "object_tombstones" (
	"project_id" integer NOT NULL,
	"oid" text NOT NULL,
	"sha256" text NOT NULL,
	"size" bigint NOT NULL,
	"origin" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"quarantined_at" timestamp (3) with time zone,
	"state" text NOT NULL,
	"trashed_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"removed_at" timestamp (3) with time zone,
	CONSTRAINT "object_tombstones_project_id_oid_pk" PRIMARY KEY("project_id","oid")
);
--> statement-breakpoint
CREATE TABLE "storage_findings" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "storage_findings_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"run_id" text NOT NULL,
	"code" text NOT NULL,
	"oid" text NOT NULL,
	"detail" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "storage_runs" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"author" text NOT NULL,
	"request" jsonb NOT NULL,
	"cursor" jsonb,
	"progress" jsonb NOT NULL,
	"fence" integer DEFAULT 0 NOT NULL,
	"failures" integer DEFAULT 0 NOT NULL,
	"error" text,
	"started_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "objects" ADD COLUMN "origin" text DEFAULT 'received' NOT NULL;--> statement-breakpoint
ALTER TABLE "objects" ADD COLUMN "received_at" timestamp (3) with time zone DEFAULT now() NOT NULL;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "trashed_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "versions" ADD COLUMN "purged_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "object_tombstones" ADD CONSTRAINT "object_tombstones_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "storage_findings" ADD CONSTRAINT "storage_findings_run_id_storage_runs_id_fk" FOREIGN KEY ("run_id") REFERENCES "public"."storage_runs"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "storage_runs" ADD CONSTRAINT "storage_runs_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "object_tombstones_oid" ON "object_tombstones" USING btree ("oid");--> statement-breakpoint
CREATE INDEX "object_tombstones_due" ON "object_tombstones" USING btree ("project_id","state","trashed_at");--> statement-breakpoint
CREATE INDEX "storage_findings_run" ON "storage_findings" USING btree ("run_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "storage_runs_living" ON "storage_runs" USING btree ("project_id","kind") WHERE "storage_runs"."state" = 'running';--> statement-breakpoint
CREATE INDEX "storage_runs_project" ON "storage_runs" USING btree ("project_id","kind","started_at");--> statement-breakpoint
CREATE INDEX "objects_oid" ON "objects" USING btree ("oid");--> statement-breakpoint
CREATE INDEX "objects_verified" ON "objects" USING btree ("project_id","verified_at");--> statement-breakpoint
CREATE INDEX "objects_quarantined" ON "objects" USING btree ("project_id","oid") WHERE "objects"."quarantined_at" is not null;--> statement-breakpoint
CREATE INDEX "versions_trash" ON "versions" USING btree ("project_id","trashed_at") WHERE "versions"."trashed_at" is not null;--> statement-breakpoint
CREATE INDEX "batches_object" ON "batches" USING btree ("project_id","oid");