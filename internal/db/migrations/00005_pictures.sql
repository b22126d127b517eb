-- +goose Up

-- What editors say of a picture stands in its columns, and wins over what its file
-- says of itself (meta). expires is when the paper may not show it any more, 0 for
-- never. edited counts as the version of the words. Pictures without an owner came
-- by wire.
alter table picture add column owner text references reader (id);
alter table picture add column name text not null default '';
alter table picture add column expires bigint not null default 0;
alter table picture add column rights text not null default '';
alter table picture add column edited bigint not null default 0;
alter table picture add column edited_by text references reader (id);

-- What a picture is found by: its words without case and accents, each after a
-- space, and the same one by one. Of a script without spaces the words are each two
-- letters in a row. Pictures that were here before wait for theirs (media.Index).
alter table picture add column folded text not null default '';
create index picture_newest  on picture (id desc, folded);
create index picture_bare    on picture (id desc) where credit = '';
create index picture_expires on picture (id desc, expires) where expires > 0;
create index picture_unread  on picture (id) where folded = '';
create table picture_word (
  word    text not null,
  picture text not null references picture (id),
  primary key (word, picture)
);

-- Files that are on their way. parts are the names of the blobs that have arrived,
-- in order; what has become a picture is known here for a day, for those who lost
-- the answer.
create table upload (
  id      text   primary key,
  owner   text   not null references reader (id),
  name    text   not null,
  size    bigint not null check (size > 0),
  got     bigint not null check (got between 0 and size),
  parts   text   not null,
  picture text   not null,
  known   boolean not null,
  created bigint not null
);
create index upload_owner   on upload (owner, picture, created);
create index upload_created on upload (created);

-- Which pictures the copy of a story shows, as article_picture tells of what
-- readers have.
create table story_picture (
  article text not null references story (article),
  picture text not null,
  primary key (article, picture)
);
create index story_picture_picture on story_picture (picture, article);
insert into story_picture (article, picture)
  select t.article, p.picture
  from story as t
  join article_picture as p on p.article = t.article;
insert into story_picture (article, picture)
  select t.article, p.id
  from story as t
  join picture as p on t.copy like '%"' || p.id || '"%'
  where t.version <> t.published
  on conflict do nothing;
