-- +goose Up

-- Who has a row in delivery, or is taken up: up to floor all have one; from there to
-- the cursor somebody's letter may be on its way.
alter table edition add column floor text not null default '';
update edition set floor = cursor;

-- Why letters did not arrive.
create index delivery_why on delivery (edition, state, why) where why <> '';
