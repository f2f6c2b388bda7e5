CREATE TABLE "segment_verdicts" (
	"report_id" text NOT NULL,
	"position" integer NOT NULL,
	"by" text NOT NULL,
	"value" text,
	"rows" integer NOT NULL,
	"reference_rows" integer NOT NULL,
	"verdict" text NOT NULL,
	"drifted" jsonb NOT NULL,
	"why" text NOT NULL,
	CONSTRAINT "segment_verdicts_report_id_position_pk" PRIMARY KEY("report_id","position")
);
--> statement-breakpoint
ALTER TABLE "monitors" DROP CONSTRAINT "monitors_name";--> statement-breakpoint
ALTER TABLE "monitors" ADD COLUMN "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "segment_verdicts" ADD CONSTRAINT "segment_verdicts_report_id_reports_id_fk" FOREIGN KEY ("report_id") REFERENCES "public"."reports"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "monitors_name" ON "monitors" USING btree ("model_id","name") WHERE "monitors"."deleted_at" is null;