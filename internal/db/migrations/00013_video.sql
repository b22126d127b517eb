-- +goose Up

-- The paper's videos: a file of ours (mp4, webm), or a stream that lives elsewhere
-- (hls) and of which only the address is here. A video is shown as a figure whose
-- picture is its poster. duration is in milliseconds, 0 when the file does not say.
-- edited counts as the version of the words, as with pictures.
create table video (
  id            text   primary key,
  hash          text   unique,
  kind          text   not null check (kind in ('mp4', 'webm', 'hls')),
  codec         text   not null,
  size          bigint not null,
  duration      bigint not null check (duration >= 0),
  width         bigint not null check (width > 0),
  height        bigint not null check (height > 0),
  address       text   not null,
  poster        text   references picture (id),
  title         text   not null,
  credit        text   not null,
  captions      text   not null,
  captions_lang text   not null,
  expires       bigint not null,
  rights        text   not null,
  name          text   not null,
  owner         text   references reader (id),
  created       bigint not null,
  edited        bigint not null,
  edited_by     text   references reader (id),
  folded        text   not null,
  check ((kind = 'hls') = (hash is null)),
  check ((kind = 'hls') = (address <> ''))
);
create unique index video_address on video (address) where kind = 'hls';
create index video_poster on video (poster) where poster is not null;

-- What an upload has become: its id stands in picture, and this tells which of the two.
alter table upload add column video boolean not null default false;

-- The video over an article, whose poster is its picture. article_picture and
-- story_picture tell of videos as of pictures.
alter table article add column video text not null default '';
