-- +goose Up

-- How often people opened an article, by the hour in which they did, and when that is
-- some days past, by its day. Hours and days are told by the moment at which they begin, in UTC.
create table audience_hour (
  article text   not null references article (id),
  hour    bigint not null,
  opens   bigint not null check (opens > 0),
  primary key (article, hour)
);
create index audience_hour_hour on audience_hour (hour, article, opens);

create table audience_day (
  article text   not null references article (id),
  day     bigint not null,
  opens   bigint not null check (opens > 0),
  primary key (article, day)
);
create index audience_day_day on audience_day (day, article, opens);
