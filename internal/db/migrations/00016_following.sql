-- +goose Up

-- What a reader follows: a section by its slug, a topic or an author by the name, a
-- story (its updates and corrections) or a thread by the id of the article.
create table follow (
  reader  text   not null references reader (id),
  kind    text   not null check (kind in ('section', 'topic', 'author', 'story', 'thread')),
  key     text   not null,
  way     text   not null check (way in ('mail', 'push', 'digest', 'feed')),
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

-- The key by which push services know the paper (VAPID), sealed; and the browsers
-- that readers let it wake, each with its address there, sealed too.
create table push_key (
  id      text   primary key check (id = 'vapid'),
  public  text   not null,
  private text   not null,
  created bigint not null
);
create table push_device (
  id      text   primary key,
  reader  text   not null references reader (id),
  hash    text   not null unique,
  address text   not null,
  device  text   not null,
  created bigint not null
);
create index push_device_reader on push_device (reader, id);
