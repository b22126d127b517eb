package db

import (
	"context"
	"fmt"
)

// depths are the tables of the search index: the words of headlines, of headlines and
// what stands around them, of whole articles, and of comments.
var depths = []string{"search_head", "search_lead", "search_text", "search_words"}

// index makes the tables of the search index: FTS5 on SQLite, tsvector on PostgreSQL.
// What is put into them and asked of them is package search's. Both get words that
// were analysed before, so they only have to keep apart what a space divides.
func (d *DB) index(ctx context.Context) error {
	for _, table := range depths {
		statements := []string{`create virtual table if not exists ` + table + ` using fts5(
			words, content='', contentless_delete=1, tokenize="ascii tokenchars '_-'")`}
		if d.Postgres() {
			statements = []string{
				`create table if not exists ` + table + ` (n bigint primary key, words tsvector not null)`,
				`create index if not exists ` + table + `_words on ` + table + ` using gin (words) with (gin_pending_list_limit = 1024)`,
			}
		}
		for _, s := range statements {
			if _, err := d.write.ExecContext(ctx, s); err != nil {
				return fmt.Errorf("make the search index: %w", explainSQLite(err))
			}
		}
	}
	return nil
}
