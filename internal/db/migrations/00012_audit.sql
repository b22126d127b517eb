-- +goose Up

-- The audit log is looked through by who, by what it is about, and by day.
create index audit_actor on audit (actor, seq);
create index audit_at    on audit (at, seq);
