-- +goose Up

-- How an article is made, beside what sort of journalism it is.
alter table article add column format text not null default 'story'
  check (format in ('story', 'picture', 'quote', 'question', 'live', 'poll'));
