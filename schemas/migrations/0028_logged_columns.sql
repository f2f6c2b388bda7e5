CREATE TABLE "logged_columns" (
	"model_id" bigint NOT NULL,
	"name" text NOT NULL,
	"first_sequence" bigint NOT NULL,
	"sent" integer NOT NULL,
	"sent_since" bigint,
	"fitting" integer NOT NULL,
	"fitting_since" bigint,
	CONSTRAINT "logged_columns_model_id_name_pk" PRIMARY KEY("model_id","name")
);
