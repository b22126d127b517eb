package db

import (
	"context"
	"database/sql"
	"sync"
)

// maxStatements is how many texts are kept compiled. Those with lists of values
// come in many lengths; what comes later than these is compiled each time.
const maxStatements = 256

// statements are reading queries that SQLite has compiled: compiling costs more
// than running most of them. On PostgreSQL pgx does the same by itself.
type statements struct {
	mu     sync.RWMutex
	byText map[string]*sql.Stmt
}

// compiled returns the compiled form of a query; nil where it is run as text.
func (d *DB) compiled(ctx context.Context, query string) *sql.Stmt {
	if d.Postgres() {
		return nil
	}
	d.stmts.mu.RLock()
	s, n := d.stmts.byText[query], len(d.stmts.byText)
	d.stmts.mu.RUnlock()
	if s != nil || n >= maxStatements {
		return s
	}
	s, err := d.read.PrepareContext(ctx, query)
	if err != nil {
		return nil // run as text, it fails with its own error
	}
	d.stmts.mu.Lock()
	defer d.stmts.mu.Unlock()
	if first := d.stmts.byText[query]; first != nil {
		s.Close() // somebody else was quicker
		return first
	}
	if d.stmts.byText == nil {
		d.stmts.byText = map[string]*sql.Stmt{}
	}
	d.stmts.byText[query] = s
	return s
}

func (s *statements) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for text, stmt := range s.byText {
		stmt.Close()
		delete(s.byText, text)
	}
}
