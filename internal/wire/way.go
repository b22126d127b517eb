package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// A Kind is a way in which a source's copy comes.
type Kind string

const (
	ByFolder Kind = "folder" // files appear in a folder of this machine
	BySFTP   Kind = "sftp"
	ByFTP    Kind = "ftp"
	ByMail   Kind = "mail" // a mailbox
	ByFeed   Kind = "feed" // one document at one address, which changes
	ByAP     Kind = "ap"   // AP Media API
	ByDPA    Kind = "dpa"  // wireQ
	ByAFP    Kind = "afp"  // AFP Core
	ByPush   Kind = "push" // the agency sends to us, and signs
)

// Pulled reports whether the paper asks for the copy by this way.
func (k Kind) Pulled() bool { return k != "" && k != ByFolder && k != ByPush }

// Bounds of how often a source is asked.
const (
	usually = 30 * time.Second
	soonest = 5 * time.Second
	seldom  = time.Hour
)

// A Way is how a source's copy comes, and how that goes.
type Way struct {
	Source  string // its id
	Kind    Kind
	Address string // a folder, a host, a URL
	Account string
	Options Options
	Every   time.Duration // how often the source is asked
	Paused  bool

	Cursor    string        // what the way remembers of where it is; its own words
	Polled    time.Time     // when it was last asked
	Succeeded time.Time     // when it last answered as it should
	Newest    time.Time     // of what time the newest item is that came by it
	Lag       time.Duration // how old that was when it came
	Failures  int           // in a row
	Due       time.Time     // when it is asked next

	sealed secret.Sealed
	secret string // opened for the way that needs it, and for nobody else
	turn   int64
}

// Options are what ways need beside an address. Each kind has its own.
type Options struct {
	Header   string   `json:"header,omitempty"`   // feed: the header in which the secret goes
	Pictures bool     `json:"pictures,omitempty"` // feed: pictures are fetched from the addresses that items name
	Products []string `json:"products,omitempty"` // afp: only these products
	HostKey  string   `json:"host_key,omitempty"` // sftp: the fingerprint of the server's key, confirmed by somebody
	Plain    bool     `json:"plain,omitempty"`    // ftp: without TLS
	Zone     string   `json:"zone,omitempty"`     // ftp: the server's time zone, where its lists do not say UTC; measured when ""
}

// Format prints the way without its secret, for every verb.
func (w Way) Format(f fmt.State, _ rune) { fmt.Fprintf(f, "%s %s", w.Kind, w.Address) }

// HasSecret reports whether a password or key is kept for the way.
func (w *Way) HasSecret() bool { return w.sealed != "" }

// A Piece is one delivery that a way brings.
type Piece struct {
	Name   string // the same each time that the same thing comes, if the way can
	Data   []byte
	Size   int64 // of a file that is too large to be read; Data is then left out
	Beside Beside
	Far    Far
	Once   bool // the name says which version of which story it is: it is not taken twice
}

// Far fetches a picture from the address that an item names.
type Far func(ctx context.Context, address string) ([]byte, error)

// A Haul is how far a way has come. Cursor also holds when it comes with an error: what
// was taken until then.
type Haul struct {
	Cursor string
	More   bool          // there is more to be had at once
	Wait   time.Duration // how long the other side wants to be left alone at least

	// Trouble is what somebody should see to, in a sentence, although all else went well.
	Trouble string
}

// A Glance is what a way sees without taking anything.
type Glance struct {
	Waiting int       // pieces
	More    bool      // there are more than were counted
	Newest  time.Time // of the newest; zero if that is not known
}

// A puller is a way by which the paper asks for copy. What goes wrong is a Problem that
// says what to do, or a fault of ours.
type puller interface {
	// check returns a Problem, with the field that is meant, for a way that cannot be.
	check(w *Way) error
	// collect hands over what is new since w.Cursor. take has stored a piece when it
	// returns, and only then the other side may be told that it has come. An error of
	// take ends the collecting. A piece may come twice: it is stored once.
	collect(ctx context.Context, src Source, w *Way, take func(context.Context, Piece) error) (Haul, error)
	// look tells what waits, and changes nothing, here or there.
	look(ctx context.Context, src Source, w *Way) (Glance, error)
}

// pullers are the ways that the Store knows. They are made once: some remember what
// they have seen.
func (s *Store) pullers() map[Kind]puller {
	s.once.Do(func() {
		s.made = map[Kind]puller{
			BySFTP: &remoteFolder{s: s, valid: validSFTP, enter: s.enterSFTP},
			ByFTP:  &remoteFolder{s: s, valid: validFTP, enter: s.enterFTP},
			ByMail: mailbox{s},
			ByFeed: feedWay{s},
			ByDPA:  dpaWay{s},
			ByAP:   apWay{s},
			ByAFP:  &afpWay{s: s},
		}
	})
	return s.made
}

// Kinds are the ways in which a source can be added, those that most agencies have first.
func (s *Store) Kinds() (list []Kind) {
	known := s.pullers()
	for _, k := range []Kind{ByFolder, BySFTP, ByFTP, ByMail, ByFeed, ByAP, ByDPA, ByAFP, ByPush} {
		if _, ok := known[k]; ok || !k.Pulled() {
			list = append(list, k)
		}
	}
	return list
}

// puller is the way of a kind.
func (s *Store) puller(k Kind) (puller, error) {
	p, ok := s.pullers()[k]
	if !ok {
		return nil, &problem.Problem{Kind: problem.Unsupported, Detail: "This program does not know that way in."}
	}
	return p, nil
}

const wayColumns = `source, kind, address, account, secret, options, every, paused, cursor, polled, succeeded, newest, lag, failures, due, turn`

func scanWay(row interface{ Scan(...any) error }) (w Way, err error) {
	var options string
	var every, lag int64
	err = row.Scan(&w.Source, &w.Kind, &w.Address, &w.Account, &w.sealed, &options, &every, &w.Paused, &w.Cursor,
		(*db.Time)(&w.Polled), (*db.Time)(&w.Succeeded), (*db.Time)(&w.Newest), &lag, &w.Failures, (*db.Time)(&w.Due), &w.turn)
	if err != nil {
		return w, err
	}
	w.Every, w.Lag = time.Duration(every)*time.Microsecond, time.Duration(lag)*time.Microsecond
	if err := json.Unmarshal([]byte(options), &w.Options); err != nil {
		return w, fmt.Errorf("the options of a way are damaged: %w", err)
	}
	return w, nil
}

// Ways are the ways of all sources, by the id of the source.
func (s *Store) Ways(ctx context.Context) (map[string]Way, error) {
	list, err := s.ways(ctx, `select `+wayColumns+` from wire_way order by source`)
	ways := make(map[string]Way, len(list))
	for _, w := range list {
		ways[w.Source] = w
	}
	return ways, err
}

func (s *Store) ways(ctx context.Context, query string, args ...any) (list []Way, err error) {
	rows, err := s.DB.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list the ways of the wire: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		w, err := scanWay(rows)
		if err != nil {
			return nil, fmt.Errorf("list the ways of the wire: %w", err)
		}
		list = append(list, w)
	}
	return list, rows.Err()
}

// Way is the way of one source; its Kind is "" when nothing comes by itself.
func (s *Store) Way(ctx context.Context, source string) (Way, error) {
	list, err := s.ways(ctx, `select `+wayColumns+` from wire_way where source = $1`, source)
	if err != nil || len(list) == 0 {
		return Way{Source: source}, err
	}
	return list[0], nil
}

// unseal makes the secret of a way readable for it.
func (s *Store) unseal(w *Way) error {
	if w.sealed == "" {
		return nil
	}
	plain, err := s.Keys.Open(secret.WireCredential, w.Source, w.sealed)
	if err != nil {
		return &problem.Problem{
			Kind:   problem.Invalid,
			Detail: "The password of this source cannot be read with the paper's keys. Type it again.", Err: err,
		}
	}
	w.secret = string(plain)
	return nil
}

// Look tells what waits at a source, and takes nothing.
func (s *Store) Look(ctx context.Context, id string) (Glance, error) {
	src, err := s.SourceByID(ctx, id)
	if err != nil {
		return Glance{}, err
	}
	w, err := s.Way(ctx, id)
	if err != nil {
		return Glance{}, err
	}
	if w.Kind == ByFolder {
		return lookInto(w.Address)
	}
	p, err := s.puller(w.Kind)
	if err != nil {
		return Glance{}, err
	}
	if err := s.unseal(&w); err != nil {
		return Glance{}, err
	}
	ctx, cancel := context.WithTimeout(ctx, lookTime)
	defer cancel()
	return p.look(ctx, src, &w)
}

// lookTime is how long a person waits for a look.
const lookTime = 20 * time.Second
