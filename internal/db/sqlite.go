package db

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"

	_ "modernc.org/sqlite" // registers "sqlite", the only driver that binds $2 before $1 by number
)

// readers is how many SQLite connections read at once. Each holds a page cache
// of at most 2 MB.
const readers = 4

func (d *DB) openSQLite(ctx context.Context, path string) (err error) {
	if err := writable(filepath.Dir(path)); err != nil {
		return err
	}
	pragmas := url.Values{"_pragma": {
		"busy_timeout(5000)", // another process (wire run beside serve) may be writing
		"journal_mode(wal)",
		"synchronous(full)", // NORMAL loses acknowledged writes in a power cut
		"foreign_keys(on)",
		"trusted_schema(off)",
	}}
	write := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + pragmas.Encode() + "&_txlock=immediate"
	pragmas.Add("_pragma", "query_only(on)")
	read := "file:" + (&url.URL{Path: path}).EscapedPath() + "?" + pragmas.Encode()

	if d.write, err = sql.Open("sqlite", write); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	d.write.SetMaxOpenConns(1)
	d.write.SetConnMaxIdleTime(0)
	if err := d.write.PingContext(ctx); err != nil {
		d.write.Close()
		return fmt.Errorf("open %s: %w", path, explainSQLite(err))
	}
	if d.read, err = sql.Open("sqlite", read); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	d.read.SetMaxOpenConns(readers)
	d.read.SetMaxIdleConns(readers)

	d.queue = make(chan *request, maxBatch)
	d.done.Add(1)
	go d.writeLoop()
	return nil
}
