-- +goose Up

-- What the desk's rules said of a version when it was filed, as JSON ("" before there were
-- rules). A dropped one has the decision 'kept', because SQLite cannot widen a check
-- without copying the table.
alter table wire_item add column ruling  text    not null default '';
alter table wire_item add column dropped boolean not null default false;

-- The same of the version that is told in the list, and what has become of the news alert
-- that a rule asks for.
alter table wire_story add column ruling text not null default '';
alter table wire_story add column alert  text not null default '' check (alert in ('', 'draft', 'send', 'done'));

create index wire_story_dropped on wire_story (n) where decision = 'dropped';

-- The rules that are live are those of the highest version. Whoever files reads its number
-- where it takes a number of its own, so that no process files by older rules.
alter table wire_clock add column rules bigint not null default 0;

create table wire_rules (
  version bigint primary key,
  rules   text   not null,
  made    bigint not null,
  author  text   not null,
  again   bigint not null
);

-- The rules as they are being edited; none of it is live. base is the live version that the
-- draft began from, edit counts its changes.
create table wire_rules_draft (
  one     bigint primary key check (one = 1),
  edit    bigint not null,
  base    bigint not null,
  rules   text   not null,
  changed bigint not null,
  author  text   not null
);
