CREATE TABLE "version_rows" (
	"batch_id" bigint NOT NULL,
	"name" text NOT NULL,
	"rows" "bytea",
	CONSTRAINT "version_rows_batch_id_name_pk" PRIMARY KEY("batch_id","name")
);
--> statement-breakpoint
ALTER TABLE "version_rows" ADD CONSTRAINT "version_rows_batch_id_batches_id_fk" FOREIGN KEY ("batch_id") REFERENCES "public"."batches"("id") ON DELETE no action ON UPDATE no action;