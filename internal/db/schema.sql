-- The schema after all migrations, written by: go test ./internal/db -run TestSchema -update

CREATE TABLE address (
  section text   not null references section (slug),
  slug    text   not null,
  article text   not null references article (id),
  created bigint not null,
  primary key (section, slug)
);

CREATE INDEX address_article on address (article, created, slug);

CREATE TABLE alerts_wanted (
  email   text   primary key,
  reader  text   not null references reader (id),
  created bigint not null
);

CREATE TABLE article (
  id              text    primary key,
  section         text    not null references section (slug),
  slug            text    not null,
  state           text    not null check (state in ('draft', 'review', 'scheduled', 'published', 'withdrawn')),
  kind            text    not null check (kind in ('news', 'opinion', 'analysis', 'review', 'interview', 'obituary')),
  language        text    not null,
  weight          bigint  not null check (weight between 0 and 5),
  headline        text    not null,
  kicker          text    not null,
  standfirst      text    not null,
  dateline        text    not null,
  body            text    not null,
  words           bigint  not null,
  picture         text    not null,
  caption         text    not null,
  credit          text    not null,
  alt             text    not null,
  source_notice   text    not null,
  canonical       text    not null,
  noindex         boolean not null,
  feed            text    not null check (feed in ('full', 'summary', 'none')),
  published       bigint  not null,
  updated         bigint  not null,
  embargo         bigint  not null,
  embargo_open    boolean not null,
  expires         bigint  not null,
  withdrawn       bigint  not null,
  withdrawn_by    text    not null,
  withdrawn_why   text    not null,
  revision        bigint  not null,
  edited          boolean not null,
  comments        bigint  not null,
  created         bigint  not null,
  changed         bigint  not null,
  check (state <> 'published' or published > 0),
  check (state <> 'withdrawn' or withdrawn > 0)
);

CREATE INDEX article_created on article (created desc, id desc);

CREATE INDEX article_latest  on article (published desc, id desc) where state = 'published';

CREATE INDEX article_section on article (section, published desc, id desc) where state = 'published';

CREATE TABLE article_picture (
  article text not null references article (id),
  picture text not null,
  primary key (article, picture)
);

CREATE INDEX article_picture_picture on article_picture (picture, article);

CREATE TRIGGER audit_delete before delete on audit begin select raise(abort, 'the audit log is never changed'); end;

CREATE TRIGGER audit_update before update on audit begin select raise(abort, 'the audit log is never changed'); end;

CREATE TABLE audit (
  seq     bigint primary key,
  at      bigint not null,
  actor   text   not null,
  act     text   not null,
  subject text   not null,
  detail  text   not null,
  hash    text   not null
);

CREATE INDEX audit_subject on audit (subject, seq);

CREATE TABLE audit_head (
  one  bigint primary key check (one = 1),
  seq  bigint not null,
  hash text   not null,
  sign text   not null
);

CREATE TABLE brake (
  key  text   primary key,
  free bigint not null
);

CREATE INDEX brake_free on brake (free);

CREATE TABLE byline (
  article  text   not null references article (id),
  position bigint not null,
  name     text   not null,
  primary key (article, position)
);

CREATE TABLE ceremony (
  hash    text   primary key,
  kind    text   not null check (kind in ('passkey-add', 'passkey-login', 'totp-add', 'connect')),
  reader  text   not null,
  content text   not null,
  expires bigint not null
);

CREATE INDEX ceremony_expires on ceremony (expires);

CREATE TABLE device (
  reader  text   not null references reader (id),
  hash    text   not null,
  seen    bigint not null,
  primary key (reader, hash)
);

CREATE TABLE facebook_deletion (
  code   text   primary key,
  reader text   not null,
  asked  bigint not null
);

CREATE INDEX facebook_deletion_asked on facebook_deletion (asked);

CREATE TABLE identity (
  issuer   text   not null,
  subject  text   not null,
  reader   text   not null references reader (id),
  provider text   not null,
  email    text   not null,
  created  bigint not null,
  primary key (issuer, subject)
);

CREATE INDEX identity_reader on identity (reader, provider);

CREATE TABLE outbox (
  id      text   primary key,
  kind    text   not null,
  subject text   not null,
  created bigint not null
);

CREATE INDEX outbox_created on outbox (created, id);

CREATE TABLE passkey (
  id         text   primary key,
  reader     text   not null references reader (id),
  name       text   not null,
  credential text   not null,
  used       bigint not null,
  created    bigint not null
);

CREATE INDEX passkey_reader on passkey (reader, created);

CREATE TABLE picture (
  id           text   primary key,
  hash         text   not null unique,
  state        text   not null check (state in ('waiting', 'ready', 'failed')),
  reason       text   not null,
  format       text   not null check (format in ('jpeg', 'png', 'gif', 'webp')),
  width        bigint not null check (width > 0),
  height       bigint not null check (height > 0),
  headline     text   not null,
  caption      text   not null,
  alt          text   not null,
  byline       text   not null,
  credit       text   not null,
  copyright    text   not null,
  usage_terms  text   not null,
  meta         text   not null,
  focus_x      double precision not null check (focus_x between 0 and 1),
  focus_y      double precision not null check (focus_y between 0 and 1),
  created      bigint not null
);

CREATE TABLE reader (
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

CREATE UNIQUE INDEX reader_email on reader (email) where email <> '';

CREATE INDEX reader_leaving on reader (leaving) where leaving > 0;

CREATE TABLE reader_link (
  hash    text   primary key,
  purpose text   not null check (purpose in ('reset', 'invite', 'email', 'email-undo', 'leave-undo', 'alerts', 'export')),
  reader  text   not null references reader (id),
  detail  text   not null,
  expires bigint not null
);

CREATE INDEX reader_link_expires on reader_link (expires);

CREATE INDEX reader_link_reader on reader_link (reader, purpose);

CREATE TABLE recovery_code (
  reader text not null references reader (id),
  hash   text not null,
  primary key (reader, hash)
);

CREATE TABLE registration (
  email    text   primary key,
  name     text   not null,
  password text   not null,
  language text   not null,
  browser  text   not null,
  link     text   not null,
  next     text   not null,
  expires  bigint not null
);

CREATE INDEX registration_expires on registration (expires);

CREATE INDEX registration_link on registration (link);

CREATE TABLE rendition (
  picture text   not null references picture (id),
  width   bigint not null,
  format  text   not null check (format in ('jpeg', 'webp')),
  height  bigint not null,
  size    bigint not null,
  hash    text   not null,
  primary key (picture, width, format)
);

CREATE TABLE revision (
  article text   not null references article (id),
  number  bigint not null,
  kind    text   not null check (kind in ('first', 'edit', 'update', 'correction', 'wire', 'withdrawal', 'return')),
  note    text   not null,
  author  text   not null,
  content text   not null,
  created bigint not null,
  primary key (article, number)
);

CREATE TABLE section (
  slug     text    primary key,
  name     text    not null,
  position bigint  not null,
  shown    boolean not null
);

CREATE TABLE session (
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

CREATE INDEX session_reader on session (reader, created);

CREATE INDEX session_seen on session (seen);

CREATE TABLE wire_delivery (
  id       text   primary key,
  source   text   not null references wire_source (id),
  name     text   not null,
  size     bigint not null,
  hash     text   not null,
  raw      bytea  not null,
  state    text   not null check (state in ('read', 'quarantined')),
  reason   text   not null,
  received bigint not null,
  unique (source, name, hash)
);

CREATE INDEX wire_delivery_received on wire_delivery (source, received desc, id desc);

CREATE TABLE wire_item (
  source   text   not null,
  id       text   not null,
  version  text   not null,
  ord      bigint not null,
  delivery text   not null references wire_delivery (id),
  format   text   not null,
  class    text   not null,
  status   text   not null,
  headline text   not null,
  content  text   not null,
  decision text   not null check (decision in ('published', 'updated', 'held', 'withdrawn', 'kept', 'embargoed')),
  reason   text   not null,
  received bigint not null,
  primary key (source, id, version),
  foreign key (source, id) references wire_story (source, id)
);

CREATE INDEX wire_item_received on wire_item (received desc, source, id, version);

CREATE TABLE wire_source (
  id       text    primary key,
  name     text    not null unique,
  folder   text    not null,
  section  text    not null references section (slug),
  publish  text    not null check (publish in ('auto', 'hold')),
  feeds    boolean not null,
  created  bigint  not null,
  received bigint  not null,
  problem  text    not null
);

CREATE TABLE wire_story (
  source   text   not null references wire_source (id),
  id       text   not null,
  article  text   not null,
  newest   bigint not null,
  recall   text   not null check (recall in ('', 'withheld', 'canceled')),
  recalled bigint not null,
  primary key (source, id)
);

CREATE INDEX wire_story_article on wire_story (article);

CREATE TABLE wire_wanted (
  source  text not null,
  name    text not null,
  id      text not null,
  version text not null,
  primary key (source, name, id, version),
  foreign key (source, id, version) references wire_item (source, id, version)
);
