-- +goose Up

-- The opens of an hour of an article by where their readers came from, by the campaign
-- whose link they took, by how we know of them, and how many of them reached which
-- quarter. What is some days past stands at the beginning of its day.
create table audience_part (
  article text   not null references article (id),
  hour    bigint not null,
  sort    text   not null check (sort in ('from', 'campaign', 'depth', 'way')),
  name    text   not null,
  opens   bigint not null check (opens > 0),
  primary key (article, hour, sort, name)
);
create index audience_part_hour on audience_part (hour, sort, name, article, opens);

-- The comments of the last hours, whatever they are about.
create index comment_recent on comment (shown, article) where shown > 0 and state = 'visible';
