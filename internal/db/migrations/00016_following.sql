-- +goose Up

-- What a reader follows: a section by its slug, a topic or an author by the name, a
-- story (its updates and corrections) or a thread by the id of the article.
create table follow (
  reader  text   not null references reader (id),
  kind    text   not null check (kind in ('section', 'topic', 'author', 'story', 'thread')),
  key     text   not null,
  way     text   not null check (way in ('mail', 'digest', 'feed')),
  created bigint not null,
  primary key (reader, kind, key)
);
create index follow_key on follow (kind, key, way, reader);

-- What a reader was told of an article, so that nothing is told twice: that it
-- appeared, one of its versions, an hour of its thread.
create table follow_told (
  reader  text   not null references reader (id),
  article text   not null references article (id),
  what    text   not null,
  created bigint not null,
  primary key (reader, article, what)
);
create index follow_told_article on follow_told (article);
create index follow_told_created on follow_told (created);

create index byline_name on byline (name, article);

-- The comments of an hour.
create index comment_shown on comment (article, shown) where shown > 0;
