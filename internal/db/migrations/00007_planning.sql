-- +goose Up

-- What the paper is going to have: an assignment has a day, an idea has none yet.
-- Whoever writes it makes an article of it.
create table plan (
  id       text   primary key,
  title    text   not null,
  note     text   not null,
  section  text   references section (slug),
  assignee text   references reader (id),
  due      bigint not null,
  article  text   references article (id),
  state    text   not null check (state in ('open', 'done', 'dropped')),
  version  bigint not null,
  author   text   not null references reader (id),
  created  bigint not null,
  changed  bigint not null
);
create index plan_due      on plan (due, id) where state = 'open' and due > 0;
create index plan_idea     on plan (changed desc, id desc) where state = 'open' and due = 0;
create index plan_assignee on plan (assignee, due, id) where state = 'open';
