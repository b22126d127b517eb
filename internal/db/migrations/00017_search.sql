-- +goose Up

-- What can be searched: each article that readers may have, and each comment, with
-- its number in the index. Numbers go with time, so that the newest come first
-- without sorting. The index itself is of another sort in each of the two databases
-- and is made after the migrations (see DB.index). built is the run of building the
-- index anew that has seen it last.
create table search_doc (
  n       bigint primary key,
  article text   not null unique references article (id),
  built   bigint not null
);
create table search_said (
  n       bigint primary key,
  comment text   not null unique references comment (id),
  article text   not null references article (id),
  version bigint not null
);
create index search_said_article on search_said (article, comment);

-- How far the index is: built is the run that was finished last, made with which
-- analysis; running is one that is under way, 0 for none, beat when it last gave
-- a sign of life. seen is until when every change is known to have been heard of.
create table search_state (
  id       text   primary key check (id = 'index'),
  built    bigint not null,
  analysis bigint not null,
  running  bigint not null,
  seen     bigint not null,
  beat     bigint not null
);
