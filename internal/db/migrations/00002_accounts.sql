-- +goose Up

-- An account is known by an address that its owner has proved, or by the word of
-- a provider ("" is no address). An erased account keeps its row and nothing of
-- its owner, so that comments keep their place.
create table reader_before as select id, email, name, role, password, created from reader;
drop table reader;
create table reader (
  id        text    primary key,
  email     text    not null,
  name      text    not null,
  handle    text    not null unique,
  bio       text    not null,
  portrait  text    not null,
  language  text    not null,
  role      text    not null check (role in ('reader', 'contributor', 'editor', 'moderator', 'publisher')),
  password  text    not null,
  totp      text    not null,
  totp_step bigint  not null,
  answers   boolean not null,
  leaving   bigint  not null,
  leave_how text    not null check (leave_how in ('', 'keep', 'remove')),
  erased    bigint  not null,
  created   bigint  not null,
  check ((leaving = 0) = (leave_how = ''))
);
create unique index reader_email on reader (email) where email <> '';
create index reader_leaving on reader (leaving) where leaving > 0;
insert into reader (id, email, name, handle, bio, portrait, language, role, password, totp, totp_step, answers, leaving, leave_how, erased, created)
  select id, email, name, lower(id), '', '', '', role, password, '', 0, true, 0, '', 0, created
  from reader_before;
drop table reader_before;

-- Somebody who says that an address is theirs. The account begins when the link
-- in the letter is used; browser and link are hashes of what only they hold.
create table registration (
  email    text   primary key,
  name     text   not null,
  password text   not null,
  language text   not null,
  browser  text   not null,
  link     text   not null,
  next     text   not null,
  expires  bigint not null
);
create index registration_link on registration (link);
create index registration_expires on registration (expires);

-- Links in letters to people who have an account. Using one removes it.
create table reader_link (
  hash    text   primary key,
  purpose text   not null check (purpose in ('reset', 'invite', 'email', 'email-undo', 'leave-undo', 'alerts', 'export')),
  reader  text   not null references reader (id),
  detail  text   not null,
  expires bigint not null
);
create index reader_link_reader on reader_link (reader, purpose);
create index reader_link_expires on reader_link (expires);

create table session (
  hash    text   primary key,
  id      text   not null unique,
  reader  text   not null references reader (id),
  kind    text   not null check (kind in ('pending', 'reader', 'staff')),
  way     text   not null,
  device  text   not null,
  proved  bigint not null,
  seen    bigint not null,
  created bigint not null
);
create index session_reader on session (reader, created);
create index session_seen on session (seen);

-- Browsers in which somebody has logged in before.
create table device (
  reader  text   not null references reader (id),
  hash    text   not null,
  seen    bigint not null,
  primary key (reader, hash)
);

create table passkey (
  id         text   primary key,
  reader     text   not null references reader (id),
  name       text   not null,
  credential text   not null,
  used       bigint not null,
  created    bigint not null
);
create index passkey_reader on passkey (reader, created);

create table recovery_code (
  reader text not null references reader (id),
  hash   text not null,
  primary key (reader, hash)
);

-- Who a provider says that somebody is. The key is the provider's own, never
-- an address of mail.
create table identity (
  issuer   text   not null,
  subject  text   not null,
  reader   text   not null references reader (id),
  provider text   not null,
  email    text   not null,
  created  bigint not null,
  primary key (issuer, subject)
);
create index identity_reader on identity (reader, provider);

-- What Facebook's users have asked us there to delete. The code is theirs, to ask
-- what became of it.
create table facebook_deletion (
  code   text   primary key,
  reader text   not null,
  asked  bigint not null
);
create index facebook_deletion_asked on facebook_deletion (asked);

-- Addresses whose owners have said, by a link in a letter, that they want the
-- news alerts.
create table alerts_wanted (
  email   text   primary key,
  reader  text   not null references reader (id),
  created bigint not null
);

-- What a browser has begun and somebody else must answer: a passkey, a provider.
create table ceremony (
  hash    text   primary key,
  kind    text   not null check (kind in ('passkey-add', 'passkey-login', 'totp-add', 'connect')),
  reader  text   not null,
  content text   not null,
  expires bigint not null
);
create index ceremony_expires on ceremony (expires);

-- How often something was done: one time for each key (GCRA).
create table brake (
  key  text   primary key,
  free bigint not null
);
create index brake_free on brake (free);

-- What was done, by whom: rows are added and never changed, each sealed with the
-- one before. The head is signed with a key that is not in the database.
create table audit (
  seq     bigint primary key,
  at      bigint not null,
  actor   text   not null,
  act     text   not null,
  subject text   not null,
  detail  text   not null,
  hash    text   not null
);
create index audit_subject on audit (subject, seq);
create table audit_head (
  one  bigint primary key check (one = 1),
  seq  bigint not null,
  hash text   not null,
  sign text   not null
);
insert into audit_head (one, seq, hash, sign) values (1, 0, '', '');
