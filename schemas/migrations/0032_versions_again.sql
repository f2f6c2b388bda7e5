ALTER TABLE "versions" DROP CONSTRAINT "versions_content";--> statement-breakpoint
CREATE INDEX "versions_same_content" ON "versions" USING btree ("dataset_id","oid","path");