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

-- The words by which a picture is found, without case and accents, and marks that
-- tell of most pictures that they lack what is looked for, without reading those
-- words: one bit for each three letters that stand in them (-1 is all bits).
alter table picture add column folded text not null default '';
alter table picture add column mark1 bigint not null default -1;
alter table picture add column mark2 bigint not null default -1;
alter table picture add column mark3 bigint not null default -1;
alter table picture add column mark4 bigint not null default -1;
update picture set folded = substr(lower(headline || ' ' || credit || ' ' || byline || ' ' || alt || ' ' || caption), 1, 600);
create index picture_newest  on picture (created desc, id desc, mark1, mark2, mark3, mark4, folded);
create index picture_bare    on picture (created desc, id desc) where credit = '';
create index picture_expires on picture (created desc, id desc, expires) where expires > 0;

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
