-- +goose Up

-- What happened, for those who listen (package event).
create table outbox (
  id      text   primary key,
  kind    text   not null,
  subject text   not null,
  created bigint not null
);
create index outbox_created on outbox (created, id);

-- The sections of the paper. A section that leaves the settings stays here, hidden,
-- because addresses of articles point at it for ever.
create table section (
  slug     text    primary key,
  name     text    not null,
  position bigint  not null,
  shown    boolean not null
);

create table article (
  id              text    primary key,
  section         text    not null references section (slug),
  slug            text    not null,
  state           text    not null check (state in ('draft', 'review', 'scheduled', 'published', 'withdrawn')),
  kind            text    not null check (kind in ('news', 'opinion', 'analysis', 'review', 'interview', 'obituary')),
  language        text    not null,
  weight          bigint  not null check (weight between 0 and 5),
  headline        text    not null,
  kicker          text    not null,
  standfirst      text    not null,
  dateline        text    not null,
  body            text    not null,
  words           bigint  not null,
  picture         text    not null,
  caption         text    not null,
  credit          text    not null,
  alt             text    not null,
  source_notice   text    not null,
  canonical       text    not null,
  noindex         boolean not null,
  feed            text    not null check (feed in ('full', 'summary', 'none')),
  published       bigint  not null,
  updated         bigint  not null,
  embargo         bigint  not null,
  embargo_open    boolean not null,
  expires         bigint  not null,
  withdrawn       bigint  not null,
  withdrawn_by    text    not null,
  withdrawn_why   text    not null,
  revision        bigint  not null,
  edited          boolean not null,
  comments        bigint  not null,
  created         bigint  not null,
  changed         bigint  not null,
  check (state <> 'published' or published > 0),
  check (state <> 'withdrawn' or withdrawn > 0)
);
create index article_latest  on article (published desc, id desc) where state = 'published';
create index article_section on article (section, published desc, id desc) where state = 'published';
create index article_created on article (created desc, id desc);

create table byline (
  article  text   not null references article (id),
  position bigint not null,
  name     text   not null,
  primary key (article, position)
);

-- Every address that an article has or had. None is ever given to another one.
create table address (
  section text   not null references section (slug),
  slug    text   not null,
  article text   not null references article (id),
  created bigint not null,
  primary key (section, slug)
);
create index address_article on address (article, created, slug);

-- Which pictures an article shows: a picture is served while an article that
-- may be read shows it.
create table article_picture (
  article text not null references article (id),
  picture text not null,
  primary key (article, picture)
);
create index article_picture_picture on article_picture (picture, article);

create table revision (
  article text   not null references article (id),
  number  bigint not null,
  kind    text   not null check (kind in ('first', 'edit', 'update', 'correction', 'wire', 'withdrawal', 'return')),
  note    text   not null,
  author  text   not null,
  content text   not null,
  created bigint not null,
  primary key (article, number)
);

create table picture (
  id           text   primary key,
  hash         text   not null unique,
  state        text   not null check (state in ('waiting', 'ready', 'failed')),
  reason       text   not null,
  format       text   not null check (format in ('jpeg', 'png', 'gif', 'webp')),
  width        bigint not null check (width > 0),
  height       bigint not null check (height > 0),
  headline     text   not null,
  caption      text   not null,
  alt          text   not null,
  byline       text   not null,
  credit       text   not null,
  copyright    text   not null,
  usage_terms  text   not null,
  meta         text   not null,
  focus_x      double precision not null check (focus_x between 0 and 1),
  focus_y      double precision not null check (focus_y between 0 and 1),
  created      bigint not null
);

create table rendition (
  picture text   not null references picture (id),
  width   bigint not null,
  format  text   not null check (format in ('jpeg', 'webp')),
  height  bigint not null,
  size    bigint not null,
  hash    text   not null,
  primary key (picture, width, format)
);

create table wire_source (
  id       text    primary key,
  name     text    not null unique,
  folder   text    not null,
  section  text    not null references section (slug),
  publish  text    not null check (publish in ('auto', 'hold')),
  feeds    boolean not null,
  created  bigint  not null,
  received bigint  not null,
  problem  text    not null
);

-- A file or an answer, as it came.
create table wire_delivery (
  id       text   primary key,
  source   text   not null references wire_source (id),
  name     text   not null,
  size     bigint not null,
  hash     text   not null,
  raw      bytea  not null,
  state    text   not null check (state in ('read', 'quarantined')),
  reason   text   not null,
  received bigint not null,
  unique (source, name, hash)
);
create index wire_delivery_received on wire_delivery (source, received desc, id desc);

-- One story of one agency over all its versions. Its row is taken first by
-- whoever files a version, so that versions of one story wait for one another.
-- A recall (withheld, canceled) stays on it, also for a story not yet seen.
create table wire_story (
  source   text   not null references wire_source (id),
  id       text   not null,
  article  text   not null,
  newest   bigint not null,
  recall   text   not null check (recall in ('', 'withheld', 'canceled')),
  recalled bigint not null,
  primary key (source, id)
);
create index wire_story_article on wire_story (article);

create table wire_item (
  source   text   not null,
  id       text   not null,
  version  text   not null,
  ord      bigint not null,
  delivery text   not null references wire_delivery (id),
  format   text   not null,
  class    text   not null,
  status   text   not null,
  headline text   not null,
  content  text   not null,
  decision text   not null check (decision in ('published', 'updated', 'held', 'withdrawn', 'kept', 'embargoed')),
  reason   text   not null,
  received bigint not null,
  primary key (source, id, version),
  foreign key (source, id) references wire_story (source, id)
);
create index wire_item_received on wire_item (received desc, source, id, version);

-- Pictures that an item names and that had not come when it was filed.
create table wire_wanted (
  source  text not null,
  name    text not null,
  id      text not null,
  version text not null,
  primary key (source, name, id, version),
  foreign key (source, id, version) references wire_item (source, id, version)
);

create table reader (
  id       text   primary key,
  email    text   not null unique,
  name     text   not null,
  role     text   not null check (role in ('reader', 'contributor', 'editor', 'moderator', 'publisher')),
  password text   not null,
  created  bigint not null
);
