-- +goose Up

-- What the sister calls the item, and how many clicks on it the sister has been told of.
alter table network_click add column theirs text not null default '';
alter table network_click add column told bigint not null default 0;
create index network_click_untold on network_click (sister, day) where clicks > told and theirs <> '';

-- Hosts are those, beside its own, to which the links of a feed may lead; elsewhere
-- are those to which they lead and may not. Told is when the sister last heard of clicks
-- from us, tell when it may hear next, untold why it has not. Heard is when we last heard
-- from it, and said when that was written, by its clock.
alter table network_sister add column hosts text not null default '[]';
alter table network_sister add column elsewhere text not null default '[]';
alter table network_sister add column told bigint not null default 0;
alter table network_sister add column tell bigint not null default 0;
alter table network_sister add column untold text not null default '';
alter table network_sister add column heard bigint not null default 0;
alter table network_sister add column said bigint not null default 0;

-- How often readers of a sister followed an item of ours on a day (UTC): as the sister
-- says, and what we believe of that.
create table network_came (
  sister text   not null,
  day    bigint not null,
  item   text   not null,
  title  text   not null,
  said   bigint not null check (said >= clicks),
  clicks bigint not null check (clicks >= 0),
  primary key (sister, day, item)
);
create index network_came_day on network_came (day, item, sister, clicks);
