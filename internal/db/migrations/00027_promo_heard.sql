-- +goose Up

-- What was counted of tickets that are still good: of which hour a ticket is, its moment in
-- that and its number, and in the lowest four bits what was counted. Whoever writes it first
-- counts it, whichever process heard of it.
create table promo_heard (
  hour   bigint not null,
  number bigint not null,
  primary key (hour, number)
);
