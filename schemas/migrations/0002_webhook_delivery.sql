CREATE TABLE "retired_secrets" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "retired_secrets_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"endpoint_id" text NOT NULL,
	"scheme" text NOT NULL,
	"secret" "bytea" NOT NULL,
	"ends_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "attempts" ADD COLUMN "request" jsonb;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "matchers" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "scheme" text DEFAULT 'v1' NOT NULL;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "rotating_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "payload_version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "max_in_flight" integer DEFAULT 4 NOT NULL;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "rate_per_minute" integer;--> statement-breakpoint
ALTER TABLE "endpoints" ADD COLUMN "next_send_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "messages" ADD COLUMN "scheduled_from" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "retired_secrets" ADD CONSTRAINT "retired_secrets_endpoint_id_endpoints_id_fk" FOREIGN KEY ("endpoint_id") REFERENCES "public"."endpoints"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "retired_secrets_endpoint" ON "retired_secrets" USING btree ("endpoint_id","ends_at");--> statement-breakpoint
CREATE INDEX "messages_due" ON "messages" USING btree ("endpoint_id","next_attempt_at") WHERE "messages"."state" = 'pending';