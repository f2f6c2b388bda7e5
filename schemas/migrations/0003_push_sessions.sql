CREATE TABLE "legacy_names" (
	"project_id" integer NOT NULL,
	"name" text NOT NULL,
	"oid" text NOT NULL,
	"unix_sha256" text NOT NULL,
	"members" text[],
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "legacy_names_project_id_name_pk" PRIMARY KEY("project_id","name")
);
--> statement-breakpoint
CREATE TABLE "push_objects" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "push_objects_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"session_id" text NOT NULL,
	"layout" text NOT NULL,
	"name" text NOT NULL,
	"oid" text,
	"size" bigint DEFAULT 0 NOT NULL,
	"state" text NOT NULL,
	"code" text,
	"detail" text,
	"at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "push_objects_name" UNIQUE("session_id","layout","name")
);
--> statement-breakpoint
CREATE TABLE "push_sessions" (
	"id" text PRIMARY KEY NOT NULL,
	"project_id" integer NOT NULL,
	"dataset_id" bigint NOT NULL,
	"pusher" text NOT NULL,
	"author" text NOT NULL,
	"address" text NOT NULL,
	"agent" text NOT NULL,
	"started_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"quiet_at" timestamp (3) with time zone NOT NULL,
	"closed_at" timestamp (3) with time zone,
	"awaited" text[] DEFAULT '{}' NOT NULL,
	"new_objects" bigint DEFAULT 0 NOT NULL,
	"new_bytes" bigint DEFAULT 0 NOT NULL,
	"held_objects" bigint DEFAULT 0 NOT NULL,
	"held_bytes" bigint DEFAULT 0 NOT NULL,
	"refused" bigint DEFAULT 0 NOT NULL,
	"version_ids" bigint[] DEFAULT '{}' NOT NULL
);
--> statement-breakpoint
ALTER TABLE "legacy_names" ADD CONSTRAINT "legacy_names_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "push_objects" ADD CONSTRAINT "push_objects_session_id_push_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."push_sessions"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "push_sessions" ADD CONSTRAINT "push_sessions_dataset_id_datasets_id_fk" FOREIGN KEY ("dataset_id") REFERENCES "public"."datasets"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "legacy_names_object" ON "legacy_names" USING btree ("project_id","oid");--> statement-breakpoint
CREATE UNIQUE INDEX "push_sessions_open" ON "push_sessions" USING btree ("dataset_id","pusher") WHERE "push_sessions"."closed_at" is null;--> statement-breakpoint
CREATE INDEX "push_sessions_started" ON "push_sessions" USING btree ("dataset_id","started_at");--> statement-breakpoint
CREATE INDEX "push_sessions_closed" ON "push_sessions" USING btree ("closed_at");