package db

import (
	"context"
	"database/sql"
	"strings"
	"sync"
)

// maxStatements is how many texts are kept compiled. Those with lists of values
// come in many lengths; what comes later than these is compiled each time.
const maxStatements = 256

// statements are texts that SQLite has compiled: compiling costs more
// than running most of them. On PostgreSQL pgx does the same by itself.
type statements struct {
	mu     sync.RWMutex
	byText map[string]*sql.Stmt
	missed map[string]bool // of the writer's: to be compiled
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

// written returns the compiled form of a statement for the one connection that
// writes; nil where it is not there yet. It is compiled after the transaction in
// which it was missed: inside it the connection is taken.
func (d *DB) written(query string) *sql.Stmt {
	w := &d.writes
	w.mu.RLock()
	s, n := w.byText[query], len(w.byText)+len(w.missed)
	w.mu.RUnlock()
	if s != nil || n >= maxStatements || strings.Contains(query, ";") {
		return s
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.missed == nil {
		w.missed = map[string]bool{}
	}
	w.missed[query] = true
	return nil
}

// compileMissed compiles the statements that the last transaction missed.
func (d *DB) compileMissed(ctx context.Context) {
	w := &d.writes
	w.mu.Lock()
	missed := w.missed
	w.missed = nil
	w.mu.Unlock()
	for query := range missed {
		s, err := d.write.PrepareContext(ctx, query)
		if err != nil {
			continue // run as text, it fails with its own error
		}
		w.mu.Lock()
		if w.byText == nil {
			w.byText = map[string]*sql.Stmt{}
		}
		w.byText[query] = s
		w.mu.Unlock()
	}
}

func (s *statements) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for text, stmt := range s.byText {
		stmt.Close()
		delete(s.byText, text)
	}
}
