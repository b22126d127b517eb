-- +goose Up

-- The poll of an article. It is open until closes, or without an end; reworded is
-- when an option that somebody had chosen was last put into other words.
create table poll (
  article  text   primary key references article (id),
  closes   bigint not null,
  reworded bigint not null,
  voted    bigint not null,
  version  bigint not null
);

-- What can be chosen. Votes are derived from the rows of poll_vote, and gone: how
-- many of those who chose it have erased their account after the poll was closed.
create table poll_option (
  id       text   primary key,
  article  text   not null references poll (article),
  position bigint not null,
  words    text   not null,
  votes    bigint not null check (votes >= 0),
  gone     bigint not null check (gone >= 0)
);
create index poll_option_article on poll_option (article, position, id);

create table poll_vote (
  article text    not null references poll (article),
  reader  text    not null references reader (id),
  choice  text    not null references poll_option (id),
  counted boolean not null,
  created bigint  not null,
  primary key (article, reader)
);
create index poll_vote_reader on poll_vote (reader, article);
create index poll_vote_choice on poll_vote (choice);

-- Who votes, and who may not any more.
create table poll_voter (
  reader text    primary key references reader (id),
  barred boolean not null
);
