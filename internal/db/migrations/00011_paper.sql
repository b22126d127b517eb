-- +goose Up

-- What the paper is called and how it looks, in versions that are never changed: the
-- newest holds. author is null for what the program has set.
create table paper_identity (
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

-- Which items masthead and footer show, in versions too. items is JSON, in the words
-- of package paper.
create table paper_menu (
  number  bigint primary key,
  items   text   not null,
  author  text   references reader (id),
  created bigint not null
);

-- The pages about the paper. body is JSON, in the words of package richtext.
create table paper_page (
  id      text    primary key,
  slug    text    not null,
  title   text    not null,
  body    text    not null,
  shown   boolean not null,
  version bigint  not null,
  author  text    references reader (id),
  changed bigint  not null
);

-- Every address that a page has or had. None is ever given to another one.
create table paper_address (
  slug text primary key,
  page text not null references paper_page (id)
);

-- The present address of a section; its slug is its name inside the house for ever.
alter table section add column path text not null default '';
update section set path = slug;

-- Every address that a section has or had. None is ever given to another one.
create table section_address (
  path    text primary key,
  section text not null references section (slug)
);
insert into section_address (path, section) select slug, slug from section;

-- How often the sections have been changed: who changes them says what was seen.
create table section_list (
  one     bigint primary key check (one = 1),
  version bigint not null
);
insert into section_list (one, version) values (1, 0);
