-- +goose Up

-- How a source's copy comes: by a watched folder, or asked for by one of several ways. A
-- source without a row gets what somebody hands to it. turn goes up with each claim and
-- each change: who has an older one may not write what he knows (decision 91).
create table wire_way (
  source    text    primary key references wire_source (id),
  kind      text    not null check (kind in ('folder', 'sftp', 'ftp', 'mail', 'feed', 'ap', 'dpa', 'afp', 'push')),
  address   text    not null,
  account   text    not null,
  secret    text    not null,
  options   text    not null,
  every     bigint  not null,
  paused    boolean not null,
  cursor    text    not null,
  polled    bigint  not null,
  succeeded bigint  not null,
  newest    bigint  not null,
  lag       bigint  not null,
  failures  bigint  not null,
  due       bigint  not null,
  turn      bigint  not null
);

create index wire_way_due on wire_way (due, source);

insert into wire_way (source, kind, address, account, secret, options, every, paused, cursor, polled, succeeded, newest, lag, failures, due, turn)
select id, 'folder', folder, '', '', '{}', 700000, false, '', 0, 0, 0, 0, 0, 0, 0
from wire_source
where folder <> '';

alter table wire_source drop column folder;

-- A source that was removed keeps its stories, so that the paper knows where they came
-- from. It is the same source again when one of its name is added.
alter table wire_source add column removed bigint not null default 0;
