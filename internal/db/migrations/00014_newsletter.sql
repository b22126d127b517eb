-- +goose Up

-- What readers can subscribe to. blocks is JSON, in the words of package newsletter;
-- days has a bit for each weekday, Sunday first, 0 where no calendar sends; next is when the calendar
-- sends again, 0 for never; members are derived from the rows of subscription.
create table list (
  id       text    primary key,
  slug     text    not null unique,
  kind     text    not null check (kind in ('digest', 'written', 'alert')),
  name     text    not null,
  promise  text    not null,
  sender   text    not null,
  reply    text    not null,
  language text    not null,
  open     boolean not null,
  public   boolean not null,
  approve  boolean not null,
  blocks   text    not null,
  days     bigint  not null check (days between 0 and 127),
  minute   bigint  not null check (minute between 0 and 1439),
  empty    boolean not null,
  cap      bigint  not null,
  position bigint  not null,
  retired  bigint  not null,
  next     bigint  not null,
  number   bigint  not null,
  members  bigint  not null check (members >= 0),
  version  bigint  not null
);
create index list_next on list (next) where next > 0;

-- What people were told when they subscribed; no row is ever changed.
create table list_promise (
  number  bigint primary key,
  text    text   not null unique,
  created bigint not null
);

-- An address that has asked for mail. sections is what it wants to read of, JSON; quiet_from
-- and quiet_to are minutes of the day, the same for none.
create table subscriber (
  id         text   primary key,
  email      text   not null,
  folded     text   not null unique,
  reader     text   references reader (id),
  language   text   not null,
  sections   text   not null,
  quiet_from bigint not null,
  quiet_to   bigint not null,
  strikes    bigint not null,
  struck     bigint not null,
  created    bigint not null
);
create unique index subscriber_reader on subscriber (reader) where reader is not null;

-- Who gets what, and the proof that they wanted it: when they asked, when they
-- confirmed, from which block of addresses, and which words they were shown.
create table subscription (
  list            text   not null references list (id),
  subscriber      text   not null references subscriber (id),
  state           text   not null check (state in ('asked', 'active', 'ended')),
  source          text   not null,
  promise         bigint not null references list_promise (number),
  asked           bigint not null,
  asked_block     text   not null,
  confirmed       bigint not null,
  confirmed_block text   not null,
  ended           bigint not null,
  why             text   not null,
  primary key (list, subscriber)
);
create index subscription_active on subscription (list, subscriber) where state = 'active';
create index subscription_subscriber on subscription (subscriber, list);

-- Links that confirm. lists is JSON.
create table confirmation (
  hash       text   primary key,
  subscriber text   not null references subscriber (id),
  lists      text   not null,
  expires    bigint not null
);
create index confirmation_subscriber on confirmation (subscriber);
create index confirmation_expires on confirmation (expires);

-- Addresses that get nothing, whatever else is said.
create table suppression (
  folded  text   primary key,
  reason  text   not null check (reason in ('hard', 'soft', 'complaint', 'staff', 'import')),
  detail  text   not null,
  created bigint not null
);
create index suppression_created on suppression (created, folded);

-- One issue of a list. parts is JSON; cursor is the last subscriber who was taken up,
-- whole says that all were; runner is who sends it at this moment, beat its last
-- sign of life; pushed says that devices were told of an alert.
create table edition (
  id        text    primary key,
  list      text    not null references list (id),
  number    bigint  not null,
  code      bigint  not null unique,
  state     text    not null check (state in ('draft', 'waiting', 'scheduled', 'sending', 'paused', 'sent', 'cancelled')),
  subject   text    not null,
  preview   text    not null,
  parts     text    not null,
  article   text    references article (id),
  author    text    references reader (id),
  approver  text    references reader (id),
  created   bigint  not null,
  at        bigint  not null,
  begun     bigint  not null,
  ended     bigint  not null,
  cursor    text    not null,
  whole     boolean not null,
  pushed    boolean not null,
  runner    text    not null,
  beat      bigint  not null,
  rate      bigint  not null,
  wanted    bigint  not null,
  accepted  bigint  not null,
  later     bigint  not null,
  skipped   bigint  not null,
  refused   bigint  not null,
  bounced   bigint  not null,
  complained bigint not null,
  departed  bigint  not null,
  clicks    bigint  not null,
  machines  bigint  not null,
  version   bigint  not null,
  unique (list, number)
);
create index edition_state on edition (state, at, id);
create index edition_list on edition (list, state, begun, id);

-- Which stories an edition brings. Not all of its readers get the same ones: each
-- selection of them is a variant.
create table edition_story (
  edition text   not null references edition (id),
  variant bigint not null,
  article text   not null references article (id),
  primary key (edition, variant, article)
);
create index edition_story_article on edition_story (article, edition, variant);

-- Where the links of an edition lead: an article, or another address.
create table edition_link (
  edition  text   not null references edition (id),
  number   bigint not null,
  article  text   references article (id),
  url      text   not null,
  clicks   bigint not null,
  machines bigint not null,
  primary key (edition, number)
);
create index edition_link_article on edition_link (article);

-- What became of an edition on its way to one subscriber.
create table delivery (
  edition    text   not null references edition (id),
  subscriber text   not null references subscriber (id),
  state      text   not null check (state in ('out', 'later', 'accepted', 'skipped', 'refused')),
  variant    bigint not null,
  tries      bigint not null,
  due        bigint not null,
  at         bigint not null,
  why        text   not null,
  primary key (edition, subscriber)
);
create index delivery_waits on delivery (edition, due, subscriber) where state in ('out', 'later');
create index delivery_subscriber on delivery (subscriber, edition);

-- What a list owes its readers: a story that an edition brought and that is gone, or
-- was wrong. told is the edition that says so, null until then.
create table list_notice (
  list    text   not null references list (id),
  article text   not null references article (id),
  kind    text   not null check (kind in ('withdrawn', 'corrected')),
  edition text   not null references edition (id),
  created bigint not null,
  told    text   references edition (id),
  primary key (list, article, kind)
);
create index list_notice_article on list_notice (article);
create index list_notice_edition on list_notice (edition);
create index list_notice_told on list_notice (told);

-- How a list grew, by the day of the paper; hour is that of human clicks.
create table list_day (
  list       text   not null references list (id),
  day        text   not null,
  joined     bigint not null,
  departed   bigint not null,
  bounced    bigint not null,
  complained bigint not null,
  primary key (list, day)
);
create table list_hour (
  list   text   not null references list (id),
  hour   bigint not null check (hour between 0 and 167),
  clicks bigint not null,
  primary key (list, hour)
);

-- Reports of providers that were heard, so that none counts twice.
create table heard_report (
  id      text   primary key,
  created bigint not null
);
create index heard_report_created on heard_report (created);
