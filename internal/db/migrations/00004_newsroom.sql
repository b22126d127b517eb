-- +goose Up

-- The row of an article holds one of its revisions: the one that readers have, or
-- of a draft the newest. Revisions beside it were kept and not published.
alter table article add column live bigint not null default 0;
update article set live = revision;
create index article_scheduled on article (published, id) where state = 'scheduled';
create index article_embargo   on article (embargo, id) where embargo > 0;
create index article_held      on article (changed desc, id desc) where embargo_open;

-- The headline without case and accents, to be found by.
alter table article add column folded text not null default '';
update article set folded = lower(headline);
create index article_changed on article (changed desc, id desc, folded);
create index article_waiting on article (state, changed desc, id desc) where state <> 'published';

-- What an article is about, in the paper's words.
create table article_topic (
  article  text   not null references article (id),
  position bigint not null,
  name     text   not null,
  primary key (article, position)
);
create index article_topic_name on article_topic (name, article);

-- When readers could first have a revision; 0 is never. Those that came before
-- the article appeared were never shown, but for the last of them.
alter table revision add column shown bigint not null default 0;
update revision
  set shown = (select case when revision.created > a.published then revision.created else a.published end
    from article as a
    where a.id = revision.article)
  where exists (select 1
    from article as a
    where a.id = revision.article and a.published > 0
      and (revision.created > a.published
        or revision.number = (select max(r.number)
          from revision as r
          where r.article = a.id and r.created <= a.published)));
create index revision_correction on revision (shown desc, article, number) where kind = 'correction' and shown > 0;

-- An article as the newsroom works on it. The copy is what is being written, from
-- the revision base on: nobody outside has it before it is published. version
-- counts its saves; kept and published are the versions that the newest revision
-- and readers have. Whoever has the seat writes; the seat belongs to one open page
-- of one person. A story without an owner came by wire.
create table story (
  article    text    primary key references article (id),
  owner      text    references reader (id),
  base       bigint  not null,
  version    bigint  not null,
  kept       bigint  not null,
  published  bigint  not null,
  copy       text    not null,
  title      text    not null,
  words      bigint  not null,
  changed    bigint  not null,
  changed_by text    references reader (id),
  seat       text    not null,
  seat_by    text    references reader (id),
  seat_seen  bigint  not null,
  asked      text    not null,
  asked_by   text    references reader (id),
  asked_at   bigint  not null,
  check ((seat = '') = (seat_by is null)),
  check ((asked = '') = (asked_by is null))
);
create index story_owner on story (owner, changed desc, article);
create index story_open  on story (changed desc, article) where version <> published;

-- Who has a story open, in which page of the browser.
create table story_present (
  article text   not null references story (article),
  page    text   not null,
  reader  text   not null references reader (id),
  seen    bigint not null,
  primary key (article, page)
);

-- What colleagues say of a passage while an article is in review.
create table story_remark (
  id      text   primary key,
  article text   not null references story (article),
  author  text   not null references reader (id),
  passage text   not null,
  words   text   not null,
  created bigint not null,
  done    bigint not null,
  done_by text   references reader (id),
  check ((done = 0) = (done_by is null))
);
create index story_remark_article on story_remark (article, created, id);

-- Links under which somebody outside the house may read an article before it
-- is published.
create table preview_link (
  hash    text   primary key,
  id      text   not null unique,
  article text   not null references article (id),
  author  text   not null references reader (id),
  note    text   not null,
  created bigint not null,
  expires bigint not null
);
create index preview_link_article on preview_link (article, created, id);
create index preview_link_expires on preview_link (expires);

-- Errors that readers have reported, each with the passage that is meant.
create table error_report (
  id         text   primary key,
  article    text   not null references article (id),
  passage    text   not null,
  words      text   not null,
  email      text   not null,
  language   text   not null,
  state      text   not null check (state in ('open', 'corrected', 'kept', 'noise')),
  answer     text   not null,
  decided    bigint not null,
  decided_by text   references reader (id),
  created    bigint not null,
  check ((state = 'open') = (decided = 0))
);
create index error_report_state   on error_report (state, created, id);
create index error_report_article on error_report (article, created, id);
create index error_report_named   on error_report (decided, id) where email <> '' and decided > 0;
