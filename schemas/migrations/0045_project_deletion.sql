ALTER TABLE "projects" ADD COLUMN "deleted_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "deleted_by" text;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "erase_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "erasing_at" timestamp (3) with time zone;--> statement-breakpoint
CREATE INDEX "projects_deleted" ON "projects" USING btree ("id") WHERE "projects"."deleted_at" is not null;