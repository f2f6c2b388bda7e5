CREATE TABLE "label_revisions" (
	"model_id" bigint NOT NULL,
	"id_hash" uuid NOT NULL,
	"revision" integer NOT NULL,
	"label" text NOT NULL,
	"batch_id" bigint NOT NULL,
	"labelled_at" timestamp (3) with time zone,
	CONSTRAINT "label_revisions_model_id_id_hash_revision_pk" PRIMARY KEY("model_id","id_hash","revision")
);
--> statement-breakpoint
CREATE TABLE "log_retention" (
	"model_id" bigint PRIMARY KEY NOT NULL,
	"keep_seconds" bigint,
	"keep_rows" bigint,
	"reports" text NOT NULL,
	"author" text NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_run_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "prediction_selections" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"model_id" bigint NOT NULL,
	"author" text NOT NULL,
	"request" jsonb NOT NULL,
	"through_batch" bigint NOT NULL,
	"state" text NOT NULL,
	"rows" bigint,
	"version_id" bigint,
	"error" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "batches" ADD COLUMN "dropped_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "log_retention" ADD CONSTRAINT "log_retention_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prediction_selections" ADD CONSTRAINT "prediction_selections_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "prediction_selections" ADD CONSTRAINT "prediction_selections_version_id_versions_id_fk" FOREIGN KEY ("version_id") REFERENCES "public"."versions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "prediction_selections_model" ON "prediction_selections" USING btree ("model_id","created_at");