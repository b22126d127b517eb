-- +goose Up

-- Sponsored videos that are booked for the slot "Video promotion". video is one of the
-- library (for a tag the one that was brought from there), address that of a player
-- elsewhere (embed) or of an ad server's answer (tag). ends is 0 for a house booking that
-- does not end. report is the number of the sponsor's link, 0 for none: another number is
-- another link. edited counts as the version of the form.
create table promo_booking (
  id        text   primary key,
  sponsor   text   not null,
  title     text   not null,
  words     text   not null,
  link      text   not null,
  kind      text   not null check (kind in ('exclusive', 'impressions', 'share', 'house')),
  source    text   not null check (source in ('video', 'embed', 'tag')),
  video     text   references video (id),
  address   text   not null,
  poster    text   references picture (id),
  begins    bigint not null,
  ends      bigint not null,
  goal      bigint not null check (goal >= 0),
  share     bigint not null check (share between 0 and 100),
  priority  bigint not null check (priority between 1 and 3),
  cap       bigint not null check (cap >= 0),
  state     text   not null check (state in ('draft', 'on', 'stopped')),
  note      text   not null,
  report    bigint not null,
  author    text   not null,
  created   bigint not null,
  edited    bigint not null,
  edited_by text   not null,
  check (ends > begins or (kind = 'house' and ends = 0)),
  check ((kind = 'impressions') = (goal > 0)),
  check ((kind = 'share') = (share > 0)),
  check ((source = 'video') = (address = ''))
);
create index promo_booking_there on promo_booking (ends, id) where state = 'on';
create index promo_booking_video on promo_booking (video) where video is not null;
create index promo_booking_poster on promo_booking (poster) where poster is not null;

-- The places of a booking: sections, and '~', the front page. One without a place has them all.
create table promo_place (
  booking text not null references promo_booking (id),
  place   text not null,
  primary key (booking, place)
);

-- The days of exclusive bookings that are on: no place has two on a day. '*' is every
-- place. Who writes here holds the row of promo_ledger.
create table promo_claim (
  day     bigint not null,
  place   text   not null,
  booking text   not null references promo_booking (id),
  primary key (day, place)
);
create index promo_claim_booking on promo_claim (booking);
create table promo_ledger (
  one bigint primary key check (one = 1)
);
insert into promo_ledger (one) values (1);

-- What was counted of a booking in an hour, and altogether.
create table promo_hour (
  booking text   not null references promo_booking (id),
  hour    bigint not null,
  what    text   not null,
  n       bigint not null check (n > 0),
  primary key (booking, hour, what)
);
create table promo_total (
  booking text   not null references promo_booking (id),
  what    text   not null,
  n       bigint not null check (n > 0),
  primary key (booking, what)
);

-- How often a place was seen in an hour, whatever stood there: what can be promised.
create table promo_chance (
  place text   not null,
  hour  bigint not null,
  n     bigint not null check (n > 0),
  primary key (place, hour)
);
create index promo_chance_hour on promo_chance (hour);

-- What an ad server last answered for a booking whose source is a tag.
create table promo_tag (
  booking text   primary key references promo_booking (id),
  tried   bigint not null,
  good    bigint not null,
  trouble text   not null,
  answer  text   not null
);
