CREATE TABLE "remote_questions" (
	"project_id" integer NOT NULL,
	"dataset" text NOT NULL,
	"pusher" text NOT NULL,
	"name" text NOT NULL,
	"asked_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"in_vain" boolean DEFAULT false NOT NULL,
	"begun_at" timestamp (3) with time zone,
	CONSTRAINT "remote_questions_project_id_dataset_pusher_name_pk" PRIMARY KEY("project_id","dataset","pusher","name")
);
--> statement-breakpoint
CREATE INDEX "remote_questions_asked" ON "remote_questions" USING btree ("asked_at");