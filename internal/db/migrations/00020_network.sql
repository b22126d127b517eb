-- +goose Up

-- The key with which the paper signs what it offers to its sister papers; its private
-- half is sealed.
create table network_key (
  id      text   primary key check (id = 'own'),
  public  text   not null,
  private text   not null,
  created bigint not null
);

-- Sister papers: ours (paper), which sign what they offer, and others (feed). Key is
-- that by which a paper is known, other is one with which it came all of a sudden. List
-- is the last good one, made by its clock; good is when we had it by ours.
create table network_sister (
  id       text   primary key,
  kind     text   not null check (kind in ('paper', 'feed')),
  address  text   not null unique,
  name     text   not null,
  key      text   not null,
  other    text   not null,
  state    text   not null check (state in ('new', 'on', 'off', 'stopped')),
  list     text   not null,
  made     bigint not null,
  good     bigint not null,
  tried    bigint not null,
  due      bigint not null,
  trouble  text   not null,
  etag     text   not null,
  modified text   not null,
  created  bigint not null
);
create index network_sister_due on network_sister (due, id) where state = 'on';

-- Pictures of sisters, drawn by us, and of our own offers (sister is ''); one without a
-- width could not be had.
create table network_picture (
  id      text   primary key,
  sister  text   not null,
  address text   not null,
  width   bigint not null,
  height  bigint not null,
  tried   bigint not null,
  unique (sister, address)
);

-- What the paper offers beside its articles; ends is 0 for one that does not end.
create table network_offer (
  id       text   primary key,
  kind     text   not null check (kind in ('offer', 'resource')),
  title    text   not null,
  address  text   not null,
  category text   not null,
  picture  text   not null,
  begins   bigint not null,
  ends     bigint not null,
  removed  bigint not null,
  author   text   not null,
  created  bigint not null
);
create index network_offer_there on network_offer (created, id) where removed = 0;

-- What editors pin, and what they do not want to see: an item, a word, a category.
create table network_rule (
  kind    text   not null check (kind in ('pin', 'item', 'word', 'category')),
  value   text   not null,
  label   text   not null,
  removed bigint not null,
  author  text   not null,
  created bigint not null,
  primary key (kind, value)
);

-- How often an item of the panel was followed on a day (UTC).
create table network_click (
  item   text   not null,
  day    bigint not null,
  sister text   not null,
  title  text   not null,
  clicks bigint not null check (clicks > 0),
  primary key (item, day)
);
create index network_click_day on network_click (day, clicks);

-- What was withdrawn lately.
create index article_withdrawn on article (withdrawn, id) where state = 'withdrawn';
