CREATE TABLE "computations" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"kind" text NOT NULL,
	"digest" text NOT NULL,
	"idempotency_key" text,
	"request" jsonb NOT NULL,
	"author" text NOT NULL,
	"state" text NOT NULL,
	"progress" jsonb,
	"result" json,
	"error" jsonb,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE UNIQUE INDEX "computations_asked" ON "computations" USING btree ("project_id","digest");