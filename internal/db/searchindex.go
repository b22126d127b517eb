package db

import (
	"context"
	"fmt"
	"strings"
)

// depths are the tables of the search index: the words of headlines, of headlines and
// what stands around them, of whole articles, of comments, and of what agencies send.
var depths = []string{"search_head", "search_lead", "search_text", "search_words", "search_wire"}

// index makes the tables of the search index: FTS5 on SQLite, tsvector on PostgreSQL.
// What is put into them and asked of them is package search's. Both get words that
// were analysed before, so they only have to keep apart what a space divides.
func (d *DB) index(ctx context.Context) error {
	statement := liteIndex
	if d.Postgres() {
		statement = postgresIndex
	}
	for _, table := range depths {
		if _, err := d.write.ExecContext(ctx, strings.ReplaceAll(statement, "{table}", table)); err != nil {
			return fmt.Errorf("make the search index: %w", explainSQLite(err))
		}
	}
	return nil
}

const liteIndex = `create virtual table if not exists {table} using fts5(
	words, content='', contentless_delete=1, tokenize="ascii tokenchars '_-'")`

// postgresIndex is a table, its index, and a function that walks through it from the
// newest on. PostgreSQL's index of words knows no order. So the function asks for what
// has one of the marks of the last weeks, learns from what it finds how far to go
// back, and asks for all the rest at once where there is little. What it does it does
// by the index of the words: to the planner reading the table from end to end looks
// cheap, because it does not see that the words of most rows stand elsewhere.
//
// Words are kept as they are: packing them takes longer than writing them.
// Processes that start at the same time wait for one another.
const postgresIndex = `
select pg_advisory_xact_lock(7236481);

create table if not exists {table} (n bigint primary key, words tsvector not null);
create index if not exists {table}_words on {table} using gin (words);
do $$ begin
	if exists (select 1 from pg_attribute where attrelid = cast('{table}' as regclass) and attname = 'words' and attstorage <> 'e') then
		alter table {table} alter column words set storage external;
		alter index {table}_words reset (gin_pending_list_limit); -- whoever writes sets it
	end if;
end $$;

create or replace function {table}_newest(looked tsquery, first bigint, before bigint, most bigint, week bigint) returns setof bigint
language plpgsql stable rows 30
set enable_seqscan = off
set plan_cache_mode = force_generic_plan
set jit = off
as $$
declare
	edge  bigint := before; -- what is newer has been found
	last  bigint;
	weeks bigint := 2;
	seen  bigint := 0;
	marks text;
	more  bigint;
	got   bigint := 0;
begin
	while edge > first and weeks <= 8 + most / 16 loop -- many weeks cost more than all of a rare word
		last := (edge - 1) / week;
		select string_agg('''_w_' || w || '''', '|') into marks from generate_series(last - weeks + 1, last) as w;
		return query select t.n from {table} as t
			where t.words @@ (looked && cast(marks as tsquery)) and t.n + 0 >= first and t.n + 0 < edge
			order by t.n + 0 desc
			limit most - got;
		get diagnostics more = row_count;
		got := got + more;
		seen := seen + weeks;
		edge := (last - weeks + 1) * week;
		exit when got = 0;
		if got >= most then
			return;
		end if;
		weeks := (most - got) * seen * 3 / (got * 2) + 1;
	end loop;
	if edge > first then
		return query select t.n from {table} as t
			where t.words @@ looked and t.n + 0 >= first and t.n + 0 < edge
			order by t.n + 0 desc
			limit most - got;
	end if;
end $$;
`
