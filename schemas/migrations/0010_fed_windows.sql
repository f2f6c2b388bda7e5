CREATE TABLE "episode_windows" (
	"episode_id" text NOT NULL,
	"window_id" bigint NOT NULL,
	"start" timestamp (3) with time zone NOT NULL,
	"report_id" text NOT NULL,
	"verdict" text NOT NULL,
	CONSTRAINT "episode_windows_episode_id_window_id_pk" PRIMARY KEY("episode_id","window_id")
);
--> statement-breakpoint
ALTER TABLE "episode_windows" ADD CONSTRAINT "episode_windows_episode_id_episodes_id_fk" FOREIGN KEY ("episode_id") REFERENCES "public"."episodes"("id") ON DELETE no action ON UPDATE no action;