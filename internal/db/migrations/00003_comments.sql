-- +goose Up

-- The thread of an article. Seats are given to comments in the order in which
-- readers could first have them, and never again; a section says what its
-- threads are where they say nothing themselves.
create table thread (
  article text    primary key references article (id),
  state   text    not null check (state in ('', 'open', 'held', 'closed', 'off')),
  slow    bigint  not null check (slow >= 0),
  seats   bigint  not null,
  visible bigint  not null check (visible >= 0),
  voted   bigint  not null
);
create table thread_section (
  section text   primary key references section (slug),
  state   text   not null check (state in ('', 'open', 'held', 'closed', 'off')),
  days    bigint not null check (days >= 0)
);

-- A comment has a seat from the moment when it was first shown, in its thread or,
-- where it is a reply, in the branch of the comment on top. Tallies are derived
-- from the votes; heavy is the same with the weight that the ranking gives them.
create table comment (
  id         text   primary key,
  article    text   not null references thread (article),
  top        text   not null,
  parent     text   not null,
  answered   text   not null,
  author     text   not null references reader (id),
  body       text   not null,
  hash       text   not null,
  state      text   not null check (state in ('visible', 'held', 'removed', 'deleted')),
  held_for   text   not null,
  flagged    boolean not null,
  shown      bigint not null,
  seat       bigint not null,
  seats      bigint not null,
  replies    bigint not null check (replies >= 0),
  up         bigint not null check (up >= 0),
  down       bigint not null check (down >= 0),
  heavy_up   bigint not null check (heavy_up >= 0),
  heavy_down bigint not null check (heavy_down >= 0),
  rank       bigint not null,
  reports    bigint not null check (reports >= 0),
  version    bigint not null,
  edited     bigint not null,
  marked     boolean not null,
  created    bigint not null,
  check ((shown = 0) = (seat = 0)),
  check (state <> 'visible' or shown > 0),
  check ((top = '') = (parent = ''))
);
create unique index comment_seat   on comment (article, seat) where top = '' and shown > 0;
create unique index comment_branch on comment (top, seat) where top <> '' and shown > 0;
create index comment_popular  on comment (article, rank desc, seat desc) where top = '' and shown > 0;
create index comment_author   on comment (author, created desc, id desc);
create index comment_hash     on comment (hash, created);
create index comment_held     on comment (flagged, created, id) where state = 'held';
create index comment_reported on comment (created, id) where reports > 0;
create index comment_removed  on comment (author) where state = 'removed';

-- What the browser calls an attempt to comment: sent twice, it makes one.
create table comment_key (
  author  text   not null references reader (id),
  name    text   not null,
  comment text   not null references comment (id),
  created bigint not null,
  primary key (author, name)
);
create index comment_key_created on comment_key (created);

-- What a comment said before it was changed. Of one that its author has deleted
-- while it was reported, the rows are gone and stay for some days.
create table comment_edit (
  comment text    not null references comment (id),
  number  bigint  not null,
  editor  text    not null,
  body    text    not null,
  gone    boolean not null,
  created bigint  not null,
  primary key (comment, number)
);
create index comment_edit_gone on comment_edit (created) where gone;

-- Whoever was sent to the log-in while writing.
create table comment_draft (
  hash    text   primary key,
  article text   not null,
  parent  text   not null,
  body    text   not null,
  expires bigint not null
);
create index comment_draft_expires on comment_draft (expires);

create table vote (
  comment text    not null references comment (id),
  reader  text    not null references reader (id),
  value   bigint  not null check (value in (-1, 1)),
  weight  bigint  not null check (weight between 0 and 1000),
  counted boolean not null,
  created bigint  not null,
  primary key (comment, reader)
);
create index vote_reader on vote (reader, comment);

-- How many votes on one comment came in ten minutes from new accounts, from one
-- block of addresses or from one site. Names are digests.
create table vote_crowd (
  comment text   not null references comment (id),
  kind    text   not null check (kind in ('young', 'block', 'referrer')),
  name    text   not null,
  at      bigint not null,
  votes   bigint not null,
  primary key (comment, kind, name, at)
);
create index vote_crowd_at   on vote_crowd (at, votes);
create index vote_crowd_many on vote_crowd (comment, at) where votes >= 4;

-- What the threads know of a reader.
create table commenter (
  reader  text   primary key references reader (id),
  posted  bigint not null,
  visible bigint not null check (visible >= 0),
  warned  bigint not null,
  barred  text   not null check (barred in ('', 'mute', 'suspension', 'ban')),
  until   bigint not null,
  last    bigint not null
);
create table mute (
  reader  text   not null references reader (id),
  muted   text   not null references reader (id),
  created bigint not null,
  primary key (reader, muted)
);

-- What is wrong with a comment, in the words of who says so. One without an
-- account is a notice, with name and address (Regulation (EU) 2022/2065, article
-- 16); a report without reporter that is none was made by a reader who is gone.
create table report (
  id       text    primary key,
  comment  text    not null references comment (id),
  reporter text    not null,
  notice   boolean not null,
  name     text    not null,
  email    text    not null,
  reason   text    not null check (reason in ('insult', 'spam', 'off-topic', 'illegal', 'other')),
  text     text    not null,
  language text    not null,
  state    text    not null check (state in ('open', 'upheld', 'refused')),
  decision text    not null,
  created  bigint  not null
);
create unique index report_once on report (comment, reporter) where reporter <> '';
create index report_comment  on report (comment, state, created, id);
create index report_created  on report (created);
create index report_reporter on report (reporter, created, id) where reporter <> '';
create index report_decision on report (decision, id) where decision <> '';
create index report_named    on report (decision) where decision <> '' and (name <> '' or email <> '');

-- The paper's rules, to which every decision points.
create table house_rule (
  id       text    primary key,
  position bigint  not null,
  name     text    not null,
  text     text    not null,
  retired  boolean not null
);

-- What a moderator has done. Rows are never changed: the database refuses it.
create table decision (
  id        text    primary key,
  act       text    not null check (act in ('approve', 'remove', 'restore', 'edit', 'hold', 'reopen', 'warn', 'unwarn', 'mute', 'suspend', 'ban', 'lift',
    'thread-default', 'thread-open', 'thread-hold', 'thread-close', 'thread-off', 'thread-slow', 'section')),
  comment   text    not null,
  article   text    not null,
  section   text    not null,
  reader    text    not null,
  moderator text    not null,
  rule      text    not null,
  ground    text    not null check (ground in ('', 'rules', 'law')),
  source    text    not null check (source in ('own', 'report', 'notice', 'rule', 'appeal')),
  reason    text    not null,
  detail    text    not null,
  was       text    not null,
  until     bigint  not null,
  version   bigint  not null,
  undoes    text    not null,
  waited    bigint  not null,
  created   bigint  not null
);
create index decision_created on decision (created desc, id desc);
create index decision_public  on decision (created desc, id desc) where act not in ('approve', 'hold', 'reopen', 'unwarn');
create index decision_article on decision (article, created, id) where comment = '' and reader = '';
create index decision_section on decision (section, created, id) where act = 'section';
create index decision_bar     on decision (reader, created, id) where act in ('mute', 'suspend', 'ban', 'lift');
create index decision_comment on decision (comment, created, id);
create index decision_reader  on decision (reader, created, id);
create index decision_moderator on decision (moderator, created desc, id desc);

create table appeal (
  decision text   primary key references decision (id),
  reader   text   not null references reader (id),
  text     text   not null,
  state    text   not null check (state in ('open', 'upheld', 'overturned')),
  decider  text   not null,
  answer   text   not null,
  decided  bigint not null,
  created  bigint not null
);
create index appeal_open    on appeal (created, decision) where state = 'open';
create index appeal_created on appeal (created);
create index appeal_decided on appeal (decided) where decided > 0;
create index appeal_reader  on appeal (reader, created);

-- What a reader is told: an answer, a mention, a decision.
create table notice (
  id      text   primary key,
  reader  text   not null references reader (id),
  kind    text   not null check (kind in ('reply', 'mention', 'decision', 'report', 'appeal')),
  subject text   not null,
  origin  text   not null,
  seen    bigint not null,
  mailed  bigint not null,
  created bigint not null
);
create unique index notice_once on notice (reader, kind, subject);
create index notice_reader on notice (reader, created desc, id desc);
create index notice_unread on notice (reader) where seen = 0;

-- How often a word stood in what was approved and in what was removed; the row
-- of the empty word counts the comments.
create table sift_word (
  word text   primary key,
  good bigint not null,
  bad  bigint not null
);
-- Which comments these are, so that none counts twice.
create table sift_comment (
  comment text    primary key references comment (id),
  bad     boolean not null
);
create table comment_setting (
  name  text primary key,
  value text not null
);

-- Counts live with the thread.
alter table article drop column comments;

-- Letters about answers come at once, once a day, or not at all.
alter table reader add column letters text not null default 'now' check (letters in ('now', 'daily', 'off'));
update reader set letters = 'off' where not answers;
alter table reader drop column answers;
