CREATE TABLE "bundle_members" (
	"oid" text PRIMARY KEY NOT NULL,
	"bundle_id" bigint NOT NULL,
	"start" integer NOT NULL,
	"size" integer NOT NULL,
	"sha256" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "bundles" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "bundles_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"bytes" bigint NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"laid_out_at" timestamp (3) with time zone,
	"missed_at" timestamp (3) with time zone,
	CONSTRAINT "bundles_name_unique" UNIQUE("name")
);
--> statement-breakpoint
ALTER TABLE "bundle_members" ADD CONSTRAINT "bundle_members_bundle_id_bundles_id_fk" FOREIGN KEY ("bundle_id") REFERENCES "public"."bundles"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "bundle_members_bundle" ON "bundle_members" USING btree ("bundle_id");--> statement-breakpoint
CREATE INDEX "bundles_waiting" ON "bundles" USING btree ("id") WHERE "bundles"."laid_out_at" is null;