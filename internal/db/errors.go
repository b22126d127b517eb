package db

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgconn"
	"modernc.org/sqlite"

	"kawaraban/internal/problem"
)

// SQLite's extended result codes, from its documentation.
const (
	sqliteBusy      = 5
	sqliteFull      = 13
	sqliteCantOpen  = 14
	sqliteNotADB    = 26
	sqliteCorrupt   = 11
	sqliteReadOnly  = 8
	sqliteForeign   = 787
	sqlitePrimary   = 1555
	sqliteUnique    = 2067
	sqliteFsync     = 1034
	sqliteDirFsync  = 1290
	postgresUnique  = "23505"
	postgresForeign = "23503"
	postgresFull    = "53100"
)

// IsUnique reports whether err says that a key exists already.
func IsUnique(err error) bool {
	c := sqliteCode(err)
	return c == sqliteUnique || c == sqlitePrimary || postgresCode(err) == postgresUnique
}

// IsForeign reports whether err says that a row which is pointed at is missing.
func IsForeign(err error) bool {
	return sqliteCode(err) == sqliteForeign || postgresCode(err) == postgresForeign
}

// One makes sure that a statement changed a row. It returns a Problem of kind
// NotFound when it changed none.
func One(res sql.Result, err error) error {
	if err != nil {
		return err
	}
	n, err := res.RowsAffected()
	if err != nil {
		return err
	}
	if n == 0 {
		return &problem.Problem{Kind: problem.NotFound, Detail: "This does not exist any more."}
	}
	return nil
}

// Found turns sql.ErrNoRows into a Problem that says what is missing.
func Found(err error, detail string) error {
	if errors.Is(err, sql.ErrNoRows) {
		return &problem.Problem{Kind: problem.NotFound, Detail: detail}
	}
	return err
}

func sqliteCode(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code()
	}
	return 0
}

func postgresCode(err error) string {
	var e *pgconn.PgError
	if errors.As(err, &e) {
		return e.Code
	}
	return ""
}

func isFsync(err error) bool {
	c := sqliteCode(err)
	return c == sqliteFsync || c == sqliteDirFsync
}

func isDeadlock(err error) bool {
	c := postgresCode(err)
	return c == "40P01" || c == "40001"
}

// explainSQLite puts the codes that an operator can act on into a sentence.
func explainSQLite(err error) error {
	switch sqliteCode(err) & 0xff {
	case sqliteFull:
		return &problem.Problem{Kind: problem.Unavailable, Detail: "The disk is full. Nothing was saved: make room and try again.", Err: err}
	case sqliteBusy:
		return &problem.Problem{Kind: problem.Unavailable, Detail: "Another program is writing to the database. Nothing was saved: try again.", Err: err}
	case sqliteNotADB, sqliteCorrupt:
		return fmt.Errorf("the database file is damaged or is not a database; restore it from a backup (%w)", err)
	case sqliteCantOpen, sqliteReadOnly:
		return fmt.Errorf("the database file cannot be opened for writing; check who owns it (%w)", err)
	}
	return err
}
