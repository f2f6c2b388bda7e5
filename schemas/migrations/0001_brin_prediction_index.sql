DROP INDEX "prediction_index_batch";--> statement-breakpoint
CREATE INDEX "prediction_index_batch" ON "prediction_index" USING brin ("batch_id");