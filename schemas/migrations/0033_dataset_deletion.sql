CREATE TABLE "dataset_retention" (
	"dataset_id" bigint PRIMARY KEY NOT NULL,
	"last" integer,
	"within_seconds" bigint,
	"daily" integer,
	"tags" text[],
	"author" text NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_run_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "datasets" ADD COLUMN "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "dataset_retention" ADD CONSTRAINT "dataset_retention_dataset_id_datasets_id_fk" FOREIGN KEY ("dataset_id") REFERENCES "public"."datasets"("id") ON DELETE no action ON UPDATE no action;