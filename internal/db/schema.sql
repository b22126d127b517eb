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

CREATE TABLE appeal (
  decision text   primary key references decision (id),
  reader   text   not null references reader (id),
  text     text   not null,
  state    text   not null check (state in ('open', 'upheld', 'overturned')),
  decider  text   not null,
  answer   text   not null,
  decided  bigint not null,
  created  bigint not null
);

CREATE INDEX appeal_created on appeal (created);

CREATE INDEX appeal_decided on appeal (decided) where decided > 0;

CREATE INDEX appeal_open    on appeal (created, decision) where state = 'open';

CREATE INDEX appeal_reader  on appeal (reader, created);

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
  created         bigint  not null,
  changed         bigint  not null, live bigint not null default 0, folded text not null default '', format text not null default 'story'
  check (format in ('story', 'picture', 'quote', 'question', 'live', 'poll')), video text not null default '', sponsor text not null default '',
  check (state <> 'published' or published > 0),
  check (state <> 'withdrawn' or withdrawn > 0)
);

CREATE INDEX article_changed on article (changed desc, id desc, folded);

CREATE INDEX article_created on article (created desc, id desc);

CREATE INDEX article_embargo   on article (embargo, id) where embargo > 0;

CREATE INDEX article_held      on article (changed desc, id desc) where embargo_open;

CREATE INDEX article_latest  on article (published desc, id desc) where state = 'published';

CREATE INDEX article_scheduled on article (published, id) where state = 'scheduled';

CREATE INDEX article_section on article (section, published desc, id desc) where state = 'published';

CREATE INDEX article_waiting on article (state, changed desc, id desc) where state <> 'published';

CREATE INDEX article_withdrawn on article (withdrawn, id) where state = 'withdrawn';

CREATE TABLE article_picture (
  article text not null references article (id),
  picture text not null,
  primary key (article, picture)
);

CREATE INDEX article_picture_picture on article_picture (picture, article);

CREATE TABLE article_topic (
  article  text   not null references article (id),
  position bigint not null,
  name     text   not null,
  primary key (article, position)
);

CREATE INDEX article_topic_name on article_topic (name, article);

CREATE TABLE audience_day (
  article text   not null references article (id),
  day     bigint not null,
  opens   bigint not null check (opens > 0),
  primary key (article, day)
);

CREATE INDEX audience_day_day on audience_day (day, article, opens);

CREATE TABLE audience_hour (
  article text   not null references article (id),
  hour    bigint not null,
  opens   bigint not null check (opens > 0),
  primary key (article, hour)
);

CREATE INDEX audience_hour_hour on audience_hour (hour, article, opens);

CREATE TABLE audience_part (
  article text   not null references article (id),
  hour    bigint not null,
  sort    text   not null check (sort in ('from', 'campaign', 'depth', 'way')),
  name    text   not null,
  opens   bigint not null check (opens > 0),
  primary key (article, hour, sort, name)
);

CREATE INDEX audience_part_hour on audience_part (hour, sort, name, article, opens);

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

CREATE INDEX audit_actor on audit (actor, seq);

CREATE INDEX audit_at    on audit (at, seq);

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

CREATE TABLE breaking (
  number  bigint primary key,
  words   text   not null,
  article text   references article (id),
  begins  bigint not null,
  ends    bigint not null,
  updated bigint not null,
  author  text   not null references reader (id)
);

CREATE TABLE byline (
  article  text   not null references article (id),
  position bigint not null,
  name     text   not null,
  primary key (article, position)
);

CREATE INDEX byline_name on byline (name, article);

CREATE TABLE ceremony (
  hash    text   primary key,
  kind    text   not null check (kind in ('passkey-add', 'passkey-login', 'totp-add', 'connect')),
  reader  text   not null,
  content text   not null,
  expires bigint not null
);

CREATE INDEX ceremony_expires on ceremony (expires);

CREATE TABLE comment (
  id         text   primary key,
  article    text   not null references thread (article),
  top        text   not null,
  parent     text   not null,
  answered   text   not null,
  author     text   not null references reader (id),
  body       text   not null,
  hash       text   not null,
  state      text   not null check (state in ('visible', 'held', 'removed', 'deleted')),
  held_for   text   not null,
  flagged    boolean not null,
  shown      bigint not null,
  seat       bigint not null,
  seats      bigint not null,
  replies    bigint not null check (replies >= 0),
  up         bigint not null check (up >= 0),
  down       bigint not null check (down >= 0),
  heavy_up   bigint not null check (heavy_up >= 0),
  heavy_down bigint not null check (heavy_down >= 0),
  rank       bigint not null,
  reports    bigint not null check (reports >= 0),
  version    bigint not null,
  edited     bigint not null,
  marked     boolean not null,
  created    bigint not null,
  check ((shown = 0) = (seat = 0)),
  check (state <> 'visible' or shown > 0),
  check ((top = '') = (parent = ''))
);

CREATE INDEX comment_author   on comment (author, created desc, id desc);

CREATE UNIQUE INDEX comment_branch on comment (top, seat) where top <> '' and shown > 0;

CREATE INDEX comment_hash     on comment (hash, created);

CREATE INDEX comment_held     on comment (flagged, created, id) where state = 'held';

CREATE INDEX comment_popular  on comment (article, rank desc, seat desc) where top = '' and shown > 0;

CREATE INDEX comment_recent on comment (shown, article) where shown > 0 and state = 'visible';

CREATE INDEX comment_removed  on comment (author) where state = 'removed';

CREATE INDEX comment_reported on comment (created, id) where reports > 0;

CREATE UNIQUE INDEX comment_seat   on comment (article, seat) where top = '' and shown > 0;

CREATE INDEX comment_shown on comment (article, shown) where shown > 0;

CREATE TABLE comment_draft (
  hash    text   primary key,
  article text   not null,
  parent  text   not null,
  body    text   not null,
  expires bigint not null
);

CREATE INDEX comment_draft_expires on comment_draft (expires);

CREATE TABLE comment_edit (
  comment text    not null references comment (id),
  number  bigint  not null,
  editor  text    not null,
  body    text    not null,
  gone    boolean not null,
  created bigint  not null,
  primary key (comment, number)
);

CREATE INDEX comment_edit_gone on comment_edit (created) where gone;

CREATE TABLE comment_key (
  author  text   not null references reader (id),
  name    text   not null,
  comment text   not null references comment (id),
  created bigint not null,
  primary key (author, name)
);

CREATE INDEX comment_key_created on comment_key (created);

CREATE TABLE comment_setting (
  name  text primary key,
  value text not null
);

CREATE TABLE commenter (
  reader  text   primary key references reader (id),
  posted  bigint not null,
  visible bigint not null check (visible >= 0),
  warned  bigint not null,
  barred  text   not null check (barred in ('', 'mute', 'suspension', 'ban')),
  until   bigint not null,
  last    bigint not null
);

CREATE TABLE confirmation (
  hash       text   primary key,
  subscriber text   not null references subscriber (id),
  lists      text   not null,
  expires    bigint not null
);

CREATE INDEX confirmation_expires on confirmation (expires);

CREATE INDEX confirmation_subscriber on confirmation (subscriber);

CREATE TRIGGER decision_delete before delete on decision begin select raise(abort, 'a decision is never changed'); end;

CREATE TRIGGER decision_update before update on decision begin select raise(abort, 'a decision is never changed'); end;

CREATE TABLE decision (
  id        text    primary key,
  act       text    not null check (act in ('approve', 'remove', 'restore', 'edit', 'hold', 'reopen', 'warn', 'unwarn', 'mute', 'suspend', 'ban', 'lift',
    'thread-default', 'thread-open', 'thread-hold', 'thread-close', 'thread-off', 'thread-slow', 'section')),
  comment   text    not null,
  article   text    not null,
  section   text    not null,
  reader    text    not null,
  moderator text    not null,
  rule      text    not null,
  ground    text    not null check (ground in ('', 'rules', 'law')),
  source    text    not null check (source in ('own', 'report', 'notice', 'rule', 'appeal')),
  reason    text    not null,
  detail    text    not null,
  was       text    not null,
  until     bigint  not null,
  version   bigint  not null,
  undoes    text    not null,
  waited    bigint  not null,
  created   bigint  not null
);

CREATE INDEX decision_article on decision (article, created, id) where comment = '' and reader = '';

CREATE INDEX decision_bar     on decision (reader, created, id) where act in ('mute', 'suspend', 'ban', 'lift');

CREATE INDEX decision_comment on decision (comment, created, id);

CREATE INDEX decision_created on decision (created desc, id desc);

CREATE INDEX decision_moderator on decision (moderator, created desc, id desc);

CREATE INDEX decision_public  on decision (created desc, id desc) where act not in ('approve', 'hold', 'reopen', 'unwarn');

CREATE INDEX decision_reader  on decision (reader, created, id);

CREATE INDEX decision_section on decision (section, created, id) where act = 'section';

CREATE TABLE delivery (
  edition    text   not null references edition (id),
  subscriber text   not null references subscriber (id),
  state      text   not null check (state in ('out', 'later', 'accepted', 'skipped', 'refused')),
  variant    bigint not null,
  tries      bigint not null,
  due        bigint not null,
  at         bigint not null,
  why        text   not null,
  primary key (edition, subscriber)
);

CREATE INDEX delivery_subscriber on delivery (subscriber, edition);

CREATE INDEX delivery_waits on delivery (edition, due, subscriber) where state in ('out', 'later');

CREATE INDEX delivery_why on delivery (edition, state, why) where why <> '';

CREATE TABLE derived (
  article text   not null references article (id),
  story   bigint not null references wire_story (first),
  why     text   not null check (why in ('made', 'link', 'quote')),
  passage text   not null,
  public  boolean not null,
  created bigint not null,
  settled bigint not null,
  settled_by text references reader (id),
  words   text   not null,
  primary key (article, story)
);

CREATE INDEX derived_by on derived (settled_by);

CREATE INDEX derived_open on derived (created, article) where settled = 0;

CREATE INDEX derived_story on derived (story);

CREATE TABLE device (
  reader  text   not null references reader (id),
  hash    text   not null,
  seen    bigint not null,
  primary key (reader, hash)
);

CREATE TABLE edition (
  id        text    primary key,
  list      text    not null references list (id),
  number    bigint  not null,
  code      bigint  not null unique,
  state     text    not null check (state in ('draft', 'waiting', 'scheduled', 'sending', 'paused', 'sent', 'cancelled')),
  subject   text    not null,
  preview   text    not null,
  parts     text    not null,
  article   text    references article (id),
  author    text    references reader (id),
  approver  text    references reader (id),
  created   bigint  not null,
  at        bigint  not null,
  begun     bigint  not null,
  ended     bigint  not null,
  cursor    text    not null,
  whole     boolean not null,
  pushed    boolean not null,
  runner    text    not null,
  beat      bigint  not null,
  rate      bigint  not null,
  wanted    bigint  not null,
  accepted  bigint  not null,
  later     bigint  not null,
  skipped   bigint  not null,
  refused   bigint  not null,
  bounced   bigint  not null,
  complained bigint not null,
  departed  bigint  not null,
  clicks    bigint  not null,
  machines  bigint  not null,
  version   bigint  not null, floor text not null default '',
  unique (list, number)
);

CREATE INDEX edition_list on edition (list, state, begun, id);

CREATE INDEX edition_state on edition (state, at, id);

CREATE TABLE edition_link (
  edition  text   not null references edition (id),
  number   bigint not null,
  article  text   references article (id),
  url      text   not null,
  clicks   bigint not null,
  machines bigint not null,
  primary key (edition, number)
);

CREATE INDEX edition_link_article on edition_link (article);

CREATE TABLE edition_story (
  edition text   not null references edition (id),
  variant bigint not null,
  article text   not null references article (id),
  primary key (edition, variant, article)
);

CREATE INDEX edition_story_article on edition_story (article, edition, variant);

CREATE TABLE error_report (
  id         text   primary key,
  article    text   not null references article (id),
  passage    text   not null,
  words      text   not null,
  email      text   not null,
  language   text   not null,
  state      text   not null check (state in ('open', 'corrected', 'kept', 'noise')),
  answer     text   not null,
  decided    bigint not null,
  decided_by text   references reader (id),
  created    bigint not null,
  check ((state = 'open') = (decided = 0))
);

CREATE INDEX error_report_article on error_report (article, created, id);

CREATE INDEX error_report_named   on error_report (decided, id) where email <> '' and decided > 0;

CREATE INDEX error_report_state   on error_report (state, created, id);

CREATE TABLE facebook_deletion (
  code   text   primary key,
  reader text   not null,
  asked  bigint not null
);

CREATE INDEX facebook_deletion_asked on facebook_deletion (asked);

CREATE TABLE follow (
  reader  text   not null references reader (id),
  kind    text   not null check (kind in ('section', 'topic', 'author', 'story', 'thread')),
  key     text   not null,
  way     text   not null check (way in ('mail', 'push', 'digest', 'feed')),
  created bigint not null,
  primary key (reader, kind, key)
);

CREATE INDEX follow_key on follow (kind, key, way, reader);

CREATE TABLE follow_told (
  reader  text   not null references reader (id),
  article text   not null references article (id),
  what    text   not null,
  created bigint not null,
  primary key (reader, article, what)
);

CREATE INDEX follow_told_article on follow_told (article);

CREATE INDEX follow_told_created on follow_told (created);

CREATE TABLE front_layout (
  page    text   not null,
  number  bigint not null,
  at      bigint not null,
  places  text   not null,
  again   bigint not null,
  author  text   not null references reader (id),
  created bigint not null,
  primary key (page, number)
);

CREATE INDEX front_layout_at on front_layout (page, at desc, number desc);

CREATE TABLE heard_report (
  id      text   primary key,
  created bigint not null
);

CREATE INDEX heard_report_created on heard_report (created);

CREATE TABLE house_rule (
  id       text    primary key,
  position bigint  not null,
  name     text    not null,
  text     text    not null,
  retired  boolean not null
);

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

CREATE TABLE list (
  id       text    primary key,
  slug     text    not null unique,
  kind     text    not null check (kind in ('digest', 'written', 'alert')),
  name     text    not null,
  promise  text    not null,
  sender   text    not null,
  reply    text    not null,
  language text    not null,
  open     boolean not null,
  public   boolean not null,
  approve  boolean not null,
  blocks   text    not null,
  days     bigint  not null check (days between 0 and 127),
  minute   bigint  not null check (minute between 0 and 1439),
  empty    boolean not null,
  cap      bigint  not null,
  position bigint  not null,
  retired  bigint  not null,
  next     bigint  not null,
  number   bigint  not null,
  members  bigint  not null check (members >= 0),
  version  bigint  not null
);

CREATE INDEX list_next on list (next) where next > 0;

CREATE TABLE list_day (
  list       text   not null references list (id),
  day        text   not null,
  joined     bigint not null,
  departed   bigint not null,
  bounced    bigint not null,
  complained bigint not null,
  primary key (list, day)
);

CREATE TABLE list_hour (
  list   text   not null references list (id),
  hour   bigint not null check (hour between 0 and 167),
  clicks bigint not null,
  primary key (list, hour)
);

CREATE TABLE list_notice (
  list    text   not null references list (id),
  article text   not null references article (id),
  kind    text   not null check (kind in ('withdrawn', 'corrected')),
  edition text   not null references edition (id),
  created bigint not null,
  told    text   references edition (id),
  primary key (list, article, kind)
);

CREATE INDEX list_notice_article on list_notice (article);

CREATE INDEX list_notice_edition on list_notice (edition);

CREATE INDEX list_notice_told on list_notice (told);

CREATE TABLE list_promise (
  number  bigint primary key,
  text    text   not null unique,
  created bigint not null
);

CREATE TABLE live_entry (
  id         text    primary key,
  article    text    not null references live_report (article),
  at         bigint  not null,
  headline   text    not null,
  body       text    not null,
  key_event  boolean not null,
  signed     text    not null,
  correction text    not null,
  state      text    not null check (state in ('shown', 'removed')),
  author     text    not null references reader (id),
  attempt    text    not null,
  version    bigint  not null,
  edited     bigint  not null,
  corrected  bigint  not null,
  created    bigint  not null,
  change     bigint  not null,
  check ((correction = '') = (corrected = 0))
);

CREATE INDEX live_entry_at     on live_entry (article, at desc, id desc);

CREATE UNIQUE INDEX live_entry_attempt on live_entry (author, attempt) where attempt <> '';

CREATE INDEX live_entry_change on live_entry (article, change, id);

CREATE INDEX live_entry_key    on live_entry (article, at desc, id desc) where state = 'shown' and key_event;

CREATE TABLE live_entry_version (
  entry    text   not null references live_entry (id),
  version  bigint not null,
  at       bigint not null,
  headline text   not null,
  body     text   not null,
  author   text   not null references reader (id),
  replaced bigint not null,
  primary key (entry, version)
);

CREATE TABLE live_picture (
  article text not null references live_report (article),
  entry   text not null,
  picture text not null,
  primary key (article, entry, picture)
);

CREATE INDEX live_picture_picture on live_picture (picture, article);

CREATE TABLE live_report (
  article         text   primary key references article (id),
  summary         text   not null,
  summary_changed bigint not null,
  version         bigint not null,
  started         bigint not null,
  ended           bigint not null,
  entries         bigint not null,
  changes         bigint not null
);

CREATE INDEX live_report_running on live_report (article) where ended = 0;

CREATE TABLE mute (
  reader  text   not null references reader (id),
  muted   text   not null references reader (id),
  created bigint not null,
  primary key (reader, muted)
);

CREATE TABLE network_came (
  sister text   not null,
  day    bigint not null,
  item   text   not null,
  title  text   not null,
  said   bigint not null check (said >= clicks),
  clicks bigint not null check (clicks >= 0),
  primary key (sister, day, item)
);

CREATE INDEX network_came_day on network_came (day, item, sister, clicks);

CREATE TABLE network_click (
  item   text   not null,
  day    bigint not null,
  sister text   not null,
  title  text   not null,
  clicks bigint not null check (clicks > 0), theirs text not null default '', told bigint not null default 0,
  primary key (item, day)
);

CREATE INDEX network_click_day on network_click (day, clicks);

CREATE INDEX network_click_untold on network_click (sister, day) where clicks > told and theirs <> '';

CREATE TABLE network_key (
  id      text   primary key check (id = 'own'),
  public  text   not null,
  private text   not null,
  created bigint not null
);

CREATE TABLE network_offer (
  id       text   primary key,
  kind     text   not null check (kind in ('offer', 'resource')),
  title    text   not null,
  address  text   not null,
  category text   not null,
  picture  text   not null,
  begins   bigint not null,
  ends     bigint not null,
  removed  bigint not null,
  author   text   not null,
  created  bigint not null
);

CREATE INDEX network_offer_there on network_offer (created, id) where removed = 0;

CREATE TABLE network_picture (
  id      text   primary key,
  sister  text   not null,
  address text   not null,
  width   bigint not null,
  height  bigint not null,
  tried   bigint not null,
  unique (sister, address)
);

CREATE TABLE network_rule (
  kind    text   not null check (kind in ('pin', 'item', 'word', 'category')),
  value   text   not null,
  label   text   not null,
  removed bigint not null,
  author  text   not null,
  created bigint not null,
  primary key (kind, value)
);

CREATE TABLE network_sister (
  id       text   primary key,
  kind     text   not null check (kind in ('paper', 'feed')),
  address  text   not null unique,
  name     text   not null,
  key      text   not null,
  other    text   not null,
  state    text   not null check (state in ('new', 'on', 'off', 'stopped')),
  list     text   not null,
  made     bigint not null,
  good     bigint not null,
  tried    bigint not null,
  due      bigint not null,
  trouble  text   not null,
  etag     text   not null,
  modified text   not null,
  created  bigint not null
, hosts text not null default '[]', elsewhere text not null default '[]', told bigint not null default 0, tell bigint not null default 0, untold text not null default '', heard bigint not null default 0, said bigint not null default 0, recalled bigint not null default 0);

CREATE INDEX network_sister_due on network_sister (due, id) where state = 'on';

CREATE TABLE network_told (
  sister    text   not null references network_sister (id),
  article   text   not null references article (id),
  withdrawn bigint not null,
  begun     bigint not null,
  told      bigint not null,
  answer    text   not null,
  primary key (sister, article, withdrawn)
);

CREATE INDEX network_told_article on network_told (article, withdrawn);

CREATE TABLE notice (
  id      text   primary key,
  reader  text   not null references reader (id),
  kind    text   not null check (kind in ('reply', 'mention', 'decision', 'report', 'appeal')),
  subject text   not null,
  origin  text   not null,
  seen    bigint not null,
  mailed  bigint not null,
  created bigint not null
);

CREATE UNIQUE INDEX notice_once on notice (reader, kind, subject);

CREATE INDEX notice_reader on notice (reader, created desc, id desc);

CREATE INDEX notice_unread on notice (reader) where seen = 0;

CREATE TABLE outbox (
  id      text   primary key,
  kind    text   not null,
  subject text   not null,
  created bigint not null
);

CREATE INDEX outbox_created on outbox (created, id);

CREATE TABLE paper_address (
  slug text primary key,
  page text not null references paper_page (id)
);

CREATE TABLE paper_identity (
  number      bigint primary key,
  name        text   not null,
  edition     text   not null,
  notice      text   not null,
  publisher   text   not null,
  language    text   not null,
  zone        text   not null,
  accent      text   not null,
  accent_dark text   not null,
  contact     text   not null,
  author      text   references reader (id),
  created     bigint not null
);

CREATE TABLE paper_menu (
  number  bigint primary key,
  items   text   not null,
  author  text   references reader (id),
  created bigint not null
);

CREATE TABLE paper_page (
  id      text    primary key,
  slug    text    not null,
  title   text    not null,
  body    text    not null,
  shown   boolean not null,
  version bigint  not null,
  author  text    references reader (id),
  changed bigint  not null
);

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
, owner text references reader (id), name text not null default '', expires bigint not null default 0, rights text not null default '', edited bigint not null default 0, edited_by text references reader (id), folded text not null default '');

CREATE INDEX picture_bare    on picture (id desc) where credit = '';

CREATE INDEX picture_expires on picture (id desc, expires) where expires > 0;

CREATE INDEX picture_newest  on picture (id desc, folded);

CREATE INDEX picture_unread  on picture (id) where folded = '';

CREATE TABLE picture_word (
  word    text not null,
  picture text not null references picture (id),
  primary key (word, picture)
);

CREATE TABLE plan (
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

CREATE INDEX plan_assignee on plan (assignee, due, id) where state = 'open';

CREATE INDEX plan_due      on plan (due, id) where state = 'open' and due > 0;

CREATE INDEX plan_idea     on plan (changed desc, id desc) where state = 'open' and due = 0;

CREATE TABLE poll (
  article  text   primary key references article (id),
  closes   bigint not null,
  reworded bigint not null,
  voted    bigint not null,
  version  bigint not null
);

CREATE TABLE poll_option (
  id       text   primary key,
  article  text   not null references poll (article),
  position bigint not null,
  words    text   not null,
  votes    bigint not null check (votes >= 0),
  gone     bigint not null check (gone >= 0)
);

CREATE INDEX poll_option_article on poll_option (article, position, id);

CREATE TABLE poll_vote (
  article text    not null references poll (article),
  reader  text    not null references reader (id),
  choice  text    not null references poll_option (id),
  counted boolean not null,
  created bigint  not null,
  primary key (article, reader)
);

CREATE INDEX poll_vote_choice on poll_vote (choice);

CREATE INDEX poll_vote_reader on poll_vote (reader, article);

CREATE TABLE poll_voter (
  reader text    primary key references reader (id),
  barred boolean not null
);

CREATE TABLE preview_link (
  hash    text   primary key,
  id      text   not null unique,
  article text   not null references article (id),
  author  text   not null references reader (id),
  note    text   not null,
  created bigint not null,
  expires bigint not null
);

CREATE INDEX preview_link_article on preview_link (article, created, id);

CREATE INDEX preview_link_expires on preview_link (expires);

CREATE TABLE promo_booking (
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

CREATE INDEX promo_booking_poster on promo_booking (poster) where poster is not null;

CREATE INDEX promo_booking_there on promo_booking (ends, id) where state = 'on';

CREATE INDEX promo_booking_video on promo_booking (video) where video is not null;

CREATE TABLE promo_chance (
  place text   not null,
  hour  bigint not null,
  n     bigint not null check (n > 0),
  primary key (place, hour)
);

CREATE INDEX promo_chance_hour on promo_chance (hour);

CREATE TABLE promo_heard (
  hour   bigint not null,
  number bigint not null,
  primary key (hour, number)
);

CREATE TABLE promo_hour (
  booking text   not null references promo_booking (id),
  hour    bigint not null,
  what    text   not null,
  n       bigint not null check (n > 0),
  primary key (booking, hour, what)
);

CREATE TABLE promo_ledger (
  one bigint primary key check (one = 1)
);

CREATE TABLE promo_place (
  booking text not null references promo_booking (id),
  place   text not null,
  primary key (booking, place)
);

CREATE TABLE promo_tag (
  booking text   primary key references promo_booking (id),
  tried   bigint not null,
  good    bigint not null,
  trouble text   not null,
  answer  text   not null
);

CREATE TABLE promo_total (
  booking text   not null references promo_booking (id),
  what    text   not null,
  n       bigint not null check (n > 0),
  primary key (booking, what)
);

CREATE TABLE push_device (
  id      text   primary key,
  reader  text   not null references reader (id),
  hash    text   not null unique,
  address text   not null,
  device  text   not null,
  created bigint not null
);

CREATE INDEX push_device_reader on push_device (reader, id);

CREATE TABLE push_key (
  id      text   primary key check (id = 'vapid'),
  public  text   not null,
  private text   not null,
  created bigint not null
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
  leaving   bigint  not null,
  leave_how text    not null check (leave_how in ('', 'keep', 'remove')),
  erased    bigint  not null,
  created   bigint  not null, letters text not null default 'now' check (letters in ('now', 'daily', 'off')),
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

CREATE TABLE recall_report (
  id      text   primary key,
  story   bigint not null references wire_story (first),
  address text   not null,
  subject text   not null,
  text    text   not null,
  author  text   not null references reader (id),
  created bigint not null
);

CREATE INDEX recall_report_author on recall_report (author);

CREATE INDEX recall_report_story on recall_report (story, created);

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

CREATE TABLE report (
  id       text    primary key,
  comment  text    not null references comment (id),
  reporter text    not null,
  notice   boolean not null,
  name     text    not null,
  email    text    not null,
  reason   text    not null check (reason in ('insult', 'spam', 'off-topic', 'illegal', 'other')),
  text     text    not null,
  language text    not null,
  state    text    not null check (state in ('open', 'upheld', 'refused')),
  decision text    not null,
  created  bigint  not null
);

CREATE INDEX report_comment  on report (comment, state, created, id);

CREATE INDEX report_created  on report (created);

CREATE INDEX report_decision on report (decision, id) where decision <> '';

CREATE INDEX report_named    on report (decision) where decision <> '' and (name <> '' or email <> '');

CREATE UNIQUE INDEX report_once on report (comment, reporter) where reporter <> '';

CREATE INDEX report_reporter on report (reporter, created, id) where reporter <> '';

CREATE TABLE revision (
  article text   not null references article (id),
  number  bigint not null,
  kind    text   not null check (kind in ('first', 'edit', 'update', 'correction', 'wire', 'withdrawal', 'return')),
  note    text   not null,
  author  text   not null,
  content text   not null,
  created bigint not null, shown bigint not null default 0,
  primary key (article, number)
);

CREATE INDEX revision_correction on revision (shown desc, article, number) where kind = 'correction' and shown > 0;

CREATE TABLE section (
  slug     text    primary key,
  name     text    not null,
  position bigint  not null,
  shown    boolean not null
, path text not null default '');

CREATE TABLE section_address (
  path    text primary key,
  section text not null references section (slug)
);

CREATE TABLE section_list (
  one     bigint primary key check (one = 1),
  version bigint not null
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

CREATE TABLE sift_comment (
  comment text    primary key references comment (id),
  bad     boolean not null
);

CREATE TABLE sift_word (
  word text   primary key,
  good bigint not null,
  bad  bigint not null
);

CREATE TABLE story (
  article    text    primary key references article (id),
  owner      text    references reader (id),
  base       bigint  not null,
  version    bigint  not null,
  kept       bigint  not null,
  published  bigint  not null,
  copy       text    not null,
  title      text    not null,
  words      bigint  not null,
  changed    bigint  not null,
  changed_by text    references reader (id),
  seat       text    not null,
  seat_by    text    references reader (id),
  seat_seen  bigint  not null,
  asked      text    not null,
  asked_by   text    references reader (id),
  asked_at   bigint  not null,
  check ((seat = '') = (seat_by is null)),
  check ((asked = '') = (asked_by is null))
);

CREATE INDEX story_open  on story (changed desc, article) where version <> published;

CREATE INDEX story_owner on story (owner, changed desc, article);

CREATE TABLE story_picture (
  article text not null references story (article),
  picture text not null,
  primary key (article, picture)
);

CREATE INDEX story_picture_picture on story_picture (picture, article);

CREATE TABLE story_present (
  article text   not null references story (article),
  page    text   not null,
  reader  text   not null references reader (id),
  seen    bigint not null,
  primary key (article, page)
);

CREATE TABLE story_remark (
  id      text   primary key,
  article text   not null references story (article),
  author  text   not null references reader (id),
  passage text   not null,
  words   text   not null,
  created bigint not null,
  done    bigint not null,
  done_by text   references reader (id),
  check ((done = 0) = (done_by is null))
);

CREATE INDEX story_remark_article on story_remark (article, created, id);

CREATE TABLE subscriber (
  id         text   primary key,
  email      text   not null,
  folded     text   not null unique,
  reader     text   references reader (id),
  language   text   not null,
  sections   text   not null,
  quiet_from bigint not null,
  quiet_to   bigint not null,
  strikes    bigint not null,
  struck     bigint not null,
  created    bigint not null
);

CREATE UNIQUE INDEX subscriber_reader on subscriber (reader) where reader is not null;

CREATE TABLE subscription (
  list            text   not null references list (id),
  subscriber      text   not null references subscriber (id),
  state           text   not null check (state in ('asked', 'active', 'ended')),
  source          text   not null,
  promise         bigint not null references list_promise (number),
  asked           bigint not null,
  asked_block     text   not null,
  confirmed       bigint not null,
  confirmed_block text   not null,
  ended           bigint not null,
  why             text   not null,
  primary key (list, subscriber)
);

CREATE INDEX subscription_active on subscription (list, subscriber) where state = 'active';

CREATE INDEX subscription_subscriber on subscription (subscriber, list);

CREATE TABLE suppression (
  folded  text   primary key,
  reason  text   not null check (reason in ('hard', 'soft', 'complaint', 'staff', 'import')),
  detail  text   not null,
  created bigint not null
);

CREATE INDEX suppression_created on suppression (created, folded);

CREATE TABLE thread (
  article text    primary key references article (id),
  state   text    not null check (state in ('', 'open', 'held', 'closed', 'off')),
  slow    bigint  not null check (slow >= 0),
  seats   bigint  not null,
  visible bigint  not null check (visible >= 0),
  voted   bigint  not null
);

CREATE TABLE thread_section (
  section text   primary key references section (slug),
  state   text   not null check (state in ('', 'open', 'held', 'closed', 'off')),
  days    bigint not null check (days >= 0)
);

CREATE TABLE upload (
  id      text   primary key,
  owner   text   not null references reader (id),
  name    text   not null,
  size    bigint not null check (size > 0),
  got     bigint not null check (got between 0 and size),
  parts   text   not null,
  picture text   not null,
  known   boolean not null,
  created bigint not null
, video boolean not null default false);

CREATE INDEX upload_created on upload (created);

CREATE INDEX upload_owner   on upload (owner, picture, created);

CREATE TABLE video (
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

CREATE UNIQUE INDEX video_address on video (address) where kind = 'hls';

CREATE INDEX video_poster on video (poster) where poster is not null;

CREATE TABLE vote (
  comment text    not null references comment (id),
  reader  text    not null references reader (id),
  value   bigint  not null check (value in (-1, 1)),
  weight  bigint  not null check (weight between 0 and 1000),
  counted boolean not null,
  created bigint  not null,
  primary key (comment, reader)
);

CREATE INDEX vote_reader on vote (reader, comment);

CREATE TABLE vote_crowd (
  comment text   not null references comment (id),
  kind    text   not null check (kind in ('young', 'block', 'referrer')),
  name    text   not null,
  at      bigint not null,
  votes   bigint not null,
  primary key (comment, kind, name, at)
);

CREATE INDEX vote_crowd_at   on vote_crowd (at, votes);

CREATE INDEX vote_crowd_many on vote_crowd (comment, at) where votes >= 4;

CREATE TABLE wire_clock (
  one bigint primary key check (one = 1),
  n   bigint not null
, rules bigint not null default 0);

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

CREATE INDEX wire_delivery_bad on wire_delivery (id) where state = 'quarantined';

CREATE INDEX wire_delivery_received on wire_delivery (source, received desc, id desc);

CREATE TABLE wire_file (
  source   text   not null references wire_source (id),
  name     text   not null,
  size     bigint not null,
  modified bigint not null,
  again    bigint not null,
  primary key (source, name)
);

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
  received bigint not null, ruling  text    not null default '', dropped boolean not null default false,
  primary key (source, id, version),
  foreign key (source, id) references wire_story (source, id)
);

CREATE INDEX wire_item_received on wire_item (received desc, source, id, version);

CREATE TABLE wire_rules (
  version bigint primary key,
  rules   text   not null,
  made    bigint not null,
  author  text   not null,
  again   bigint not null
);

CREATE TABLE wire_rules_draft (
  one     bigint primary key check (one = 1),
  edit    bigint not null,
  base    bigint not null,
  rules   text   not null,
  changed bigint not null,
  author  text   not null
);

CREATE TABLE wire_source (
  id       text    primary key,
  name     text    not null unique,
  section  text    not null references section (slug),
  publish  text    not null check (publish in ('auto', 'hold')),
  feeds    boolean not null,
  created  bigint  not null,
  received bigint  not null,
  problem  text    not null
, removed bigint not null default 0);

CREATE TABLE wire_story (
  source   text   not null references wire_source (id),
  id       text   not null,
  article  text   not null,
  newest   bigint not null,
  recall   text   not null check (recall in ('', 'withheld', 'canceled')),
  recalled bigint not null, n        bigint not null default 0, first    bigint not null default 0, shown    bigint not null default -4611686018427387904, versions bigint not null default 1, version  text   not null default '', headline text   not null default '', slug     text   not null default '', change   text   not null default '', language text   not null default '', class    text   not null default '', urgency  bigint not null default 0, embargo  bigint not null default 0, decision text   not null default '', reason   text   not null default '', section  text   not null default '', received bigint not null default 0, done     text   not null default '' check (done in ('', 'used', 'ignored')), done_by  text   not null default '', assignee text   not null default '', ruling text not null default '', alert  text not null default '' check (alert in ('', 'draft', 'send', 'done')),
  primary key (source, id)
);

CREATE INDEX wire_story_article on wire_story (article);

CREATE INDEX wire_story_assignee on wire_story (assignee, n) where assignee <> '';

CREATE INDEX wire_story_dropped on wire_story (n) where decision = 'dropped';

CREATE UNIQUE INDEX wire_story_first on wire_story (first);

CREATE UNIQUE INDEX wire_story_n on wire_story (n);

CREATE INDEX wire_story_open on wire_story (n) where done = '' and decision = 'held';

CREATE INDEX wire_story_picture on wire_story (n) where class = 'picture';

CREATE INDEX wire_story_recall on wire_story (n) where recall <> '';

CREATE INDEX wire_story_section on wire_story (section, n);

CREATE INDEX wire_story_slug on wire_story (slug, n) where slug <> '';

CREATE INDEX wire_story_source on wire_story (source, n);

CREATE INDEX wire_story_urgent on wire_story (n) where urgency in (1, 2);

CREATE TABLE wire_topic (
  topic  text   not null,
  n      bigint not null,
  source text   not null,
  id     text   not null, flash boolean not null default false,
  primary key (topic, n),
  foreign key (source, id) references wire_story (source, id)
);

CREATE INDEX wire_topic_flash on wire_topic (topic, n) where flash;

CREATE INDEX wire_topic_story on wire_topic (source, id);

CREATE TABLE wire_view (
  owner text   not null references reader (id),
  name  text   not null,
  query text   not null,
  made  bigint not null,
  primary key (owner, name)
);

CREATE TABLE wire_wanted (
  source  text not null,
  name    text not null,
  id      text not null,
  version text not null,
  primary key (source, name, id, version),
  foreign key (source, id, version) references wire_item (source, id, version)
);

CREATE TABLE wire_way (
  source    text    primary key references wire_source (id),
  kind      text    not null check (kind in ('folder', 'sftp', 'ftp', 'mail', 'feed', 'ap', 'dpa', 'afp', 'push')),
  address   text    not null,
  account   text    not null,
  secret    text    not null,
  options   text    not null,
  every     bigint  not null,
  paused    boolean not null,
  cursor    text    not null,
  polled    bigint  not null,
  succeeded bigint  not null,
  newest    bigint  not null,
  lag       bigint  not null,
  failures  bigint  not null,
  due       bigint  not null,
  turn      bigint  not null
);

CREATE INDEX wire_way_due on wire_way (due, source);
