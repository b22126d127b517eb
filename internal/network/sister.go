package network

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A State is where a sister paper stands.
type State string

const (
	New     State = "new"     // its key is still to be compared
	On      State = "on"      //
	Off     State = "off"     // a publisher has switched it off
	Stopped State = "stopped" // it came with another key
)

// A Source is how we read a sister.
type Source string

const (
	Ours  Source = "paper" // a Kawaraban, which signs
	Other Source = "feed"  // RSS, Atom or JSON Feed
)

// A Sister is a paper whose items the panel shows.
type Sister struct {
	ID      string
	Source  Source
	Address string // of the paper, or of its feed
	Name    string
	Key     string // public; "" of a feed
	Other   string // the key with which it came, and was stopped
	State   State
	Items   []Item
	Gone    []string  // ids of what it has withdrawn
	Made    time.Time // when it made its list, by its clock
	Good    time.Time // when we last had a list; zero: never
	Tried   time.Time
	Trouble Trouble // why the last try was none

	Hosts     []string    // of a feed: where its links may lead beside its own host
	Elsewhere []Elsewhere // and where they lead and may not
	Told      time.Time   // when it last heard of clicks from us; zero: never
	Untold    Trouble     // why the last try at that was none
	Heard     time.Time   // when we last heard of clicks from it; zero: never

	said           time.Time // when it made that report, by its clock
	recalled       time.Time // when it last told at once of a withdrawal, by its clock; zero: never
	etag, modified string
}

// Lag is how long ago a sister's list was last had.
func (x Sister) Lag(now time.Time) time.Duration { return now.Sub(x.Good) }

const (
	maxSisters = 30
	everyList  = 40 * time.Second // a withdrawal is to be here within a minute
	everyFeed  = 10 * time.Minute
	longest    = 10 * time.Minute // between two tries at one that fails
	stands     = 24 * time.Hour   // the last good list stands so long
)

const sisterColumns = `id, kind, address, name, key, other, state, list, made, good, tried, trouble, etag, modified, hosts, elsewhere, told, untold, heard, said, recalled`

type kept struct {
	Items []Item   `json:"items"`
	Gone  []string `json:"gone"`
}

func scanSister(row interface{ Scan(...any) error }) (x Sister, err error) {
	var list, hosts, elsewhere string
	err = row.Scan(&x.ID, &x.Source, &x.Address, &x.Name, &x.Key, &x.Other, &x.State, &list, (*db.Time)(&x.Made), (*db.Time)(&x.Good),
		(*db.Time)(&x.Tried), &x.Trouble, &x.etag, &x.modified, &hosts, &elsewhere, (*db.Time)(&x.Told), &x.Untold, (*db.Time)(&x.Heard), (*db.Time)(&x.said), (*db.Time)(&x.recalled))
	if err != nil {
		return x, err
	}
	if err := errors.Join(json.Unmarshal([]byte(hosts), &x.Hosts), json.Unmarshal([]byte(elsewhere), &x.Elsewhere)); err != nil {
		return x, fmt.Errorf("read the hosts of sister %s: %w", x.ID, err)
	}
	var k kept
	if err := json.Unmarshal([]byte(list), &k); err != nil {
		return x, fmt.Errorf("read the list of sister %s: %w", x.ID, err)
	}
	x.Items, x.Gone = k.Items, k.Gone
	return x, nil
}

func (s *Store) sister(ctx context.Context, q db.Querier, id string) (Sister, error) {
	x, err := scanSister(q.QueryRow(ctx, `select `+sisterColumns+` from network_sister where id = $1`, id))
	return x, db.Found(err, "There is no such sister paper.")
}

// Sisters lists the sister papers in the order in which they came.
func (s *Store) Sisters(ctx context.Context) (list []Sister, err error) {
	rows, err := s.DB.Query(ctx, `select `+sisterColumns+` from network_sister order by created, id`)
	if err != nil {
		return nil, fmt.Errorf("list sister papers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		x, err := scanSister(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, x)
	}
	return list, rows.Err()
}

// wrongAddress is what a form says at its field.
func wrongAddress(detail string) error {
	return &problem.Problem{Kind: problem.Invalid, Detail: detail, Fields: map[string]string{"address": detail}}
}

// Add looks at an address and keeps the sister that is there, with its key or as a
// feed. Nothing of it is shown before Confirm.
func (s *Store) Add(ctx context.Context, actor, address string) (id string, err error) {
	address, err = s.tidied(address)
	if err != nil {
		return "", err
	}
	x, err := s.look(ctx, address)
	if err != nil {
		return "", err
	}
	id = s.ID()
	list, err := json.Marshal(kept{x.Items, x.Gone})
	if err != nil {
		return "", err
	}
	elsewhere, err := hostsText(x.Elsewhere)
	if err != nil {
		return "", err
	}
	now := s.Now()
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		var n int
		if err := tx.QueryRow(ctx, `select count(*) from network_sister`).Scan(&n); err != nil {
			return err
		}
		if n >= maxSisters {
			return &problem.Problem{Kind: problem.Conflict, Detail: "There are thirty sister papers already. Remove one first."}
		}
		_, err := tx.Exec(ctx, `insert into network_sister (`+sisterColumns+`, due, created)
			values ($1, $2, $3, $4, $5, '', 'new', $6, $7, $8, $8, '', '', '', '[]', $9, 0, '', 0, 0, 0, $8, $8)`,
			id, x.Source, x.Address, x.Name, x.Key, string(list), db.Time(x.Made), db.Time(now), elsewhere)
		if err != nil {
			return err
		}
		return s.Audit.Add(ctx, tx, audit.Entry{Actor: actor, Act: SisterSet, Subject: id, Detail: "added " + x.Address})
	})
	if db.IsUnique(err) {
		return "", wrongAddress("This paper is a sister already.")
	}
	if err != nil {
		return "", fmt.Errorf("add a sister paper: %w", err)
	}
	return id, nil
}

// tidied is an address as somebody has typed it, with what is understood.
func (s *Store) tidied(address string) (string, error) {
	address = strings.TrimSpace(address)
	if address == "" {
		return "", wrongAddress("Type the address of the paper, such as https://paper.example.")
	}
	if !strings.Contains(address, "://") {
		address = "https://" + address
	}
	u, err := url.Parse(address)
	if err != nil {
		return "", wrongAddress("This is not an address of the web.")
	}
	u.Fragment, u.Host = "", strings.ToLower(u.Host)
	address = strings.TrimRight(u.String(), "/")
	if _, err := placeOf(address, s.Local); err != nil {
		return "", wrongAddress("A sister paper has an address that begins with https://.")
	}
	if address == strings.TrimRight(s.Paper().Base, "/") {
		return "", wrongAddress("This is our own address.")
	}
	return address, nil
}

// Confirm says that two people have compared the key with which a sister came first, or
// came again: key is the one that was shown to them. A feed has none.
func (s *Store) Confirm(ctx context.Context, actor, id, key string) error {
	return s.set(ctx, actor, id, "confirmed", func(x *Sister) error {
		switch {
		case x.State == New && x.Key == key:
		case x.State == Stopped && x.Other == key && key != "":
			x.Key, x.Made = key, time.Time{}
		case x.State == On:
			return nil
		default:
			return &problem.Problem{Kind: problem.Conflict, Detail: "This sister has come with yet another key meanwhile. Compare that one."}
		}
		x.State, x.Other, x.Trouble = On, "", NoTrouble
		return nil
	})
}

// Switch puts a sister on or off. One that has not been confirmed stays what it is.
func (s *Store) Switch(ctx context.Context, actor, id string, on bool) error {
	to, from := Off, On
	if on {
		to, from = On, Off
	}
	return s.set(ctx, actor, id, string(to), func(x *Sister) error {
		if x.State == from {
			x.State = to
		}
		return nil
	})
}

// set changes a sister, and has it fetched at once where it is on.
func (s *Store) set(ctx context.Context, actor, id, what string, f func(x *Sister) error) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := db.One(tx.Exec(ctx, `update network_sister set name = name where id = $1`, id)); err != nil {
			return err
		}
		x, err := s.sister(ctx, tx, id)
		if err != nil {
			return err
		}
		if err := f(&x); err != nil {
			return err
		}
		list, err := json.Marshal(kept{x.Items, x.Gone})
		if err != nil {
			return err
		}
		hosts, err := hostsText(x.Hosts)
		if err != nil {
			return err
		}
		elsewhere, err := hostsText(x.Elsewhere)
		if err != nil {
			return err
		}
		_, err = tx.Exec(ctx, `update network_sister
			set key = $2, other = $3, state = $4, trouble = $5, made = $6, etag = '', modified = '', due = $7, list = $8, hosts = $9, elsewhere = $10
			where id = $1`, id, x.Key, x.Other, x.State, x.Trouble, db.Time(x.Made), db.Time(s.Now()), string(list), hosts, elsewhere)
		if err != nil {
			return fmt.Errorf("change a sister paper: %w", err)
		}
		if x.State == On {
			if err := s.Jobs.AddUnique(ctx, tx, TakeKind, time.Time{}, Taking{id}); err != nil {
				return err
			}
		}
		if err := s.Audit.Add(ctx, tx, audit.Entry{Actor: actor, Act: SisterSet, Subject: id, Detail: what + " " + x.Address}); err != nil {
			return err
		}
		return s.changed(ctx, tx)
	})
}

// FetchNow has a sister's list fetched at once.
func (s *Store) FetchNow(ctx context.Context, id string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		x, err := s.sister(ctx, tx, id)
		if err != nil {
			return err
		}
		if x.State != On {
			return &problem.Problem{Kind: problem.Conflict, Detail: "This sister is switched off. Switch it on first."}
		}
		if _, err := tx.Exec(ctx, `update network_sister set etag = '', modified = '' where id = $1`, id); err != nil {
			return err
		}
		return s.Jobs.AddUnique(ctx, tx, TakeKind, time.Time{}, Taking{id})
	})
}

// Forget takes away a sister that is not on, with all that we had from it.
func (s *Store) Forget(ctx context.Context, actor, id string) error {
	had, err := s.pictures(ctx, id)
	if err != nil {
		return err
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		x, err := s.sister(ctx, tx, id)
		if err != nil {
			return err
		}
		if x.State == On {
			return &problem.Problem{Kind: problem.Conflict, Detail: "Switch this sister off before you remove it."}
		}
		for _, query := range []string{`delete from network_picture where sister = $1`, `delete from network_came where sister = $1`, `delete from network_told where sister = $1`, `delete from network_sister where id = $1`} {
			if _, err := tx.Exec(ctx, query, id); err != nil {
				return fmt.Errorf("forget a sister paper: %w", err)
			}
		}
		if err := s.Audit.Add(ctx, tx, audit.Entry{Actor: actor, Act: SisterSet, Subject: id, Detail: "removed " + x.Address}); err != nil {
			return err
		}
		return s.changed(ctx, tx)
	})
	if err != nil {
		return err
	}
	for _, d := range had {
		if err := s.Blobs.Delete(ctx, blobKey(d.id)); err != nil && !problem.Is(err, problem.NotFound) {
			return err
		}
	}
	return nil
}
