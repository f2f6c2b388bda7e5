CREATE TABLE "digest_items" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "digest_items_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"endpoint_id" text NOT NULL,
	"subject" text NOT NULL,
	"brief" jsonb NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
DROP INDEX "episodes_firing";--> statement-breakpoint
ALTER TABLE "episodes" ADD COLUMN "flapping" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "silences" ADD COLUMN "recurs" jsonb;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "digest_seconds" integer;--> statement-breakpoint
ALTER TABLE "digest_items" ADD CONSTRAINT "digest_items_endpoint_id_endpoints_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."endpoints"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "digest_items_endpoint" ON "digest_items" USING btree ("endpoint_id","id");--> statement-breakpoint
CREATE INDEX "episodes_firing" ON "episodes" USING btree ("notified_at") WHERE "episodes"."state" in ('firing', 'no_data', 'error');