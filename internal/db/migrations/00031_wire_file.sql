-- +goose Up

-- The files that were taken from a server, as its list shows them, so that nobody fetches
-- them again. modified is what the list says, in its own clock; again is when a file whose
-- time is not exact is read once more, 0 for never (decision 92).
create table wire_file (
  source   text   not null references wire_source (id),
  name     text   not null,
  size     bigint not null,
  modified bigint not null,
  again    bigint not null,
  primary key (source, name)
);
