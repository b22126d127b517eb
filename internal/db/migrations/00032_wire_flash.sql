-- +goose Up

-- Whether the story of a topic is a flash: the few of them are found without a look
-- at all that is about the topic, and without one at all flashes.
alter table wire_topic add column flash boolean not null default false;
update wire_topic set flash = true
  where exists (select 1 from wire_story w where w.source = wire_topic.source and w.id = wire_topic.id and w.urgency in (1, 2));
create index wire_topic_flash on wire_topic (topic, n) where flash;
