ALTER TABLE "monitors" DROP CONSTRAINT "monitors_name";--> statement-breakpoint
ALTER TABLE "monitors" ADD COLUMN "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE UNIQUE INDEX "monitors_name" ON "monitors" USING btree ("model_id","name") WHERE "monitors"."deleted_at" is null;