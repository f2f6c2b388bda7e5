CREATE TABLE "packed_objects" (
	"project_id" integer NOT NULL,
	"oid" text NOT NULL,
	"pack_oid" text NOT NULL,
	"start" bigint NOT NULL,
	"size" bigint NOT NULL,
	CONSTRAINT "packed_objects_project_id_oid_pk" PRIMARY KEY("project_id","oid")
);
--> statement-breakpoint
CREATE INDEX "packed_objects_pack" ON "packed_objects" USING btree ("project_id","pack_oid");