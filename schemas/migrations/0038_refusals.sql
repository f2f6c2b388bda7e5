CREATE TABLE "refusals" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "refusals_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"project_id" integer NOT NULL,
	"model_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"rejected" integer NOT NULL,
	"kept" integer NOT NULL,
	"kept_raw" integer NOT NULL,
	"rows" "bytea" NOT NULL,
	"received_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "refusals" ADD CONSTRAINT "refusals_model_id_models_id_fk" FOREIGN KEY ("model_id") REFERENCES "public"."models"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "refusals_model" ON "refusals" USING btree ("model_id","id");--> statement-breakpoint
CREATE INDEX "refusals_time" ON "refusals" USING btree ("received_at");