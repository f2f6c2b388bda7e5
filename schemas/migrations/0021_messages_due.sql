DROP INDEX "messages_due";--> statement-breakpoint
CREATE INDEX "messages_untried" ON "messages" USING btree ("endpoint_id","subject","created_at","id") WHERE "messages"."state" = 'pending' and "messages"."attempts" = 0;--> statement-breakpoint
CREATE INDEX "messages_due" ON "messages" USING btree ("endpoint_id","next_attempt_at","id") WHERE "messages"."state" in ('pending', 'standing');