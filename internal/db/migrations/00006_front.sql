-- +goose Up

-- What editors have placed on a page, in versions that are never changed: of those
-- whose time has come the newest holds. places is JSON, in the words of package
-- article. at is from when it holds, 0 for never: it was taken back. again is the version that one brings back, 0 for one of its own.
create table front_layout (
  page    text   not null,
  number  bigint not null,
  at      bigint not null,
  places  text   not null,
  again   bigint not null,
  author  text   not null references reader (id),
  created bigint not null,
  primary key (page, number)
);
create index front_layout_at on front_layout (page, at desc, number desc);

-- The bar of breaking news, in versions too: the newest counts, until it ends.
create table breaking (
  number  bigint primary key,
  words   text   not null,
  article text   references article (id),
  begins  bigint not null,
  ends    bigint not null,
  updated bigint not null,
  author  text   not null references reader (id)
);
