-- +goose Up

-- The live report of an article: what is pinned above its entries, and whether it
-- goes on. Each change of anything in it takes the next number of changes, so that
-- an open page can ask what has come since.
create table live_report (
  article         text   primary key references article (id),
  summary         text   not null,
  summary_changed bigint not null,
  version         bigint not null,
  started         bigint not null,
  ended           bigint not null,
  entries         bigint not null,
  changes         bigint not null
);
create index live_report_running on live_report (article) where ended = 0;

create table live_entry (
  id         text    primary key,
  article    text    not null references live_report (article),
  at         bigint  not null,
  headline   text    not null,
  body       text    not null,
  key_event  boolean not null,
  signed     text    not null,
  correction text    not null,
  state      text    not null check (state in ('shown', 'removed')),
  author     text    not null references reader (id),
  attempt    text    not null,
  version    bigint  not null,
  edited     bigint  not null,
  corrected  bigint  not null,
  created    bigint  not null,
  change     bigint  not null,
  check ((correction = '') = (corrected = 0))
);
create unique index live_entry_attempt on live_entry (author, attempt) where attempt <> '';
create index live_entry_key    on live_entry (article, at desc, id desc) where state = 'shown' and key_event;
create index live_entry_at     on live_entry (article, at desc, id desc);
create index live_entry_change on live_entry (article, change, id);

-- What an entry said before it was changed.
create table live_entry_version (
  entry    text   not null references live_entry (id),
  version  bigint not null,
  at       bigint not null,
  headline text   not null,
  body     text   not null,
  author   text   not null references reader (id),
  replaced bigint not null,
  primary key (entry, version)
);

-- Which pictures a live report shows: those of an entry, or of the summary ('').
create table live_picture (
  article text not null references live_report (article),
  entry   text not null,
  picture text not null,
  primary key (article, entry, picture)
);
create index live_picture_picture on live_picture (picture, article);
