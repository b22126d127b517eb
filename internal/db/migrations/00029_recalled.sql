-- +goose Up

-- Which sister was told at once that an article was withdrawn: begun is when, told when it
-- said that it had heard (0 for not yet), answer why it has not. Of a withdrawal that was
-- undone and made again each is told anew.
create table network_told (
  sister    text   not null references network_sister (id),
  article   text   not null references article (id),
  withdrawn bigint not null,
  begun     bigint not null,
  told      bigint not null,
  answer    text   not null,
  primary key (sister, article, withdrawn)
);
create index network_told_article on network_told (article, withdrawn);

-- When a sister last told us of one, by its clock: a list that it had made before does not
-- bring back what it has withdrawn.
alter table network_sister add column recalled bigint not null default 0;

-- Work of ours that may hold what an agency has recalled: a story of the wire, by the number
-- of its first arrival. It is not published before somebody has said what was done about it.
create table derived (
  article text   not null references article (id),
  story   bigint not null references wire_story (first),
  why     text   not null check (why in ('made', 'link', 'quote')),
  passage text   not null,
  public  boolean not null,
  created bigint not null,
  settled bigint not null,
  settled_by text references reader (id),
  words   text   not null,
  primary key (article, story)
);
create index derived_open on derived (created, article) where settled = 0;
create index derived_story on derived (story);
create index derived_by on derived (settled_by);

-- What agencies were told of what became of their stories, word for word.
create table recall_report (
  id      text   primary key,
  story   bigint not null references wire_story (first),
  address text   not null,
  subject text   not null,
  text    text   not null,
  author  text   not null references reader (id),
  created bigint not null
);
create index recall_report_story on recall_report (story, created);
create index recall_report_author on recall_report (author);
