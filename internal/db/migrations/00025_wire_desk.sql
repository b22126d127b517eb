-- +goose Up

-- What editors see of the wire: a story in one row, with its newest version. n is the
-- number of what arrived last and goes with time (see package wire), first that of the
-- story's first arrival and its address. shown is the order of the version that is told
-- here; its embargo ends at embargo, or never that we know (-1). done says what an editor has done with it: nothing yet, taken it, or ignored it.
alter table wire_story add column n        bigint not null default 0;
alter table wire_story add column first    bigint not null default 0;
alter table wire_story add column shown    bigint not null default -4611686018427387904;
alter table wire_story add column versions bigint not null default 1;
alter table wire_story add column version  text   not null default '';
alter table wire_story add column headline text   not null default '';
alter table wire_story add column slug     text   not null default '';
alter table wire_story add column change   text   not null default '';
alter table wire_story add column language text   not null default '';
alter table wire_story add column class    text   not null default '';
alter table wire_story add column urgency  bigint not null default 0;
alter table wire_story add column embargo  bigint not null default 0;
alter table wire_story add column decision text   not null default '';
alter table wire_story add column reason   text   not null default '';
alter table wire_story add column section  text   not null default '';
alter table wire_story add column received bigint not null default 0;
alter table wire_story add column done     text   not null default '' check (done in ('', 'used', 'ignored'));
alter table wire_story add column done_by  text   not null default '';
alter table wire_story add column assignee text   not null default '';

update wire_story set
  n = old.n, first = old.n, shown = old.ord, version = old.version, headline = old.headline, class = old.class,
  decision = old.decision, reason = old.reason, received = old.received, section = old.section, versions = old.versions
from (
  select source, id, version, ord, headline, class, decision, reason, received, section, versions,
    row_number() over (order by received, source, id) as n
  from (
    select i.source, i.id, i.version, i.ord, i.headline, i.class, i.decision, i.reason, i.received, s.section,
      row_number() over (partition by i.source, i.id order by i.ord desc, i.version desc) as place,
      count(*) over (partition by i.source, i.id) as versions
    from wire_item i
    join wire_source s on s.id = i.source
  ) as ranked
  where place = 1
) as old
where wire_story.source = old.source and wire_story.id = old.id;

create unique index wire_story_n on wire_story (n);
create unique index wire_story_first on wire_story (first);
create index wire_story_source on wire_story (source, n);
create index wire_story_section on wire_story (section, n);
create index wire_story_slug on wire_story (slug, n) where slug <> '';
create index wire_story_assignee on wire_story (assignee, n) where assignee <> '';
create index wire_story_open on wire_story (n) where done = '' and decision = 'held';
create index wire_story_urgent on wire_story (n) where urgency in (1, 2);
create index wire_story_picture on wire_story (n) where class = 'picture';
create index wire_story_recall on wire_story (n) where recall <> '';
create index wire_delivery_bad on wire_delivery (id) where state = 'quarantined';

-- What a story is about, in entries of the paper's vocabulary.
create table wire_topic (
  topic  text   not null,
  n      bigint not null,
  source text   not null,
  id     text   not null,
  primary key (topic, n),
  foreign key (source, id) references wire_story (source, id)
);
create index wire_topic_story on wire_topic (source, id);

-- The number that was given last. Who takes the next holds the row until all is stored,
-- so numbers become visible in their order.
create table wire_clock (
  one bigint primary key check (one = 1),
  n   bigint not null
);
insert into wire_clock (one, n) values (1, 0);

-- Ways to look at the wire that somebody has kept: the query of its address.
create table wire_view (
  owner text   not null references reader (id),
  name  text   not null,
  query text   not null,
  made  bigint not null,
  primary key (owner, name)
);
