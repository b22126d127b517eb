package reader

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A Deletion is what became of somebody's wish, told to Facebook, that we delete
// what we have from there.
type Deletion struct {
	Asked   time.Time
	Known   bool      // we had something
	Leaving time.Time // when the account is erased that had no other way in; zero: it stays
	Erased  bool      // that has happened
}

// deletionLife is how long it can be asked what became of a request.
const deletionLife = 365 * 24 * time.Hour

// errNoFacebook is the answer where the paper has no connection with Facebook:
// nobody could have signed anything.
var errNoFacebook = &problem.Problem{Kind: problem.NotFound}

func (s *Store) facebook() (*graph, error) {
	for _, p := range s.Providers {
		if g, ok := p.talk.(*graph); ok {
			return g, nil
		}
	}
	return nil, errNoFacebook
}

// DeleteFacebookData erases the connection of the person whom a signed request
// of Facebook's names. An account that has no other way in is going to be
// erased, as if its owner had asked here; its comments stay, without the name.
// It returns the code under which the person can ask what became of it. The
// same request again changes nothing and has the same code.
func (s *Store) DeleteFacebookData(ctx context.Context, signed string) (code string, err error) {
	g, err := s.facebook()
	if err != nil {
		return "", err
	}
	r, err := g.read(signed)
	if err != nil {
		return "", err
	}
	code = s.deletionCode(g, r)
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		res, err := tx.Exec(ctx, `insert into facebook_deletion (code, reader, asked) values ($1, '', $2) on conflict (code) do nothing`, code, db.Time(s.Now()))
		if problem.Is(db.One(res, err), problem.NotFound) {
			return nil // it was asked before
		}
		if err != nil {
			return fmt.Errorf("note a deletion: %w", err)
		}
		who, last, err := facebookUser(ctx, tx, g, r)
		if err != nil || who == nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update facebook_deletion set reader = $1 where code = $2`, who.ID, code); err != nil {
			return fmt.Errorf("note a deletion: %w", err)
		}
		if err := s.sever(ctx, tx, g, r, who.ID); err != nil {
			return err
		}
		// Staff do not leave so: a publisher lets them in again with a link.
		if last && who.Leaving.IsZero() && !who.Role.Staff() {
			e := audit.Entry{Detail: string(KeepComments) + " comments, asked at Facebook"}
			if err := s.beginLeave(ctx, tx, *who, KeepComments, e); err != nil {
				return err
			}
		}
		return s.note(ctx, tx, audit.Entry{Act: Disconnected, Subject: who.ID, Detail: facebookSlug + ": deletion asked there"})
	})
	return code, err
}

// DeauthoriseFacebook ends the connection of the person whom a signed request of
// Facebook's names: the paper was taken out of the list of apps there. Where
// nothing else would let the person in, the connection is kept, asleep, so that
// the account is not lost to its owner; the sessions end in any case.
func (s *Store) DeauthoriseFacebook(ctx context.Context, signed string) error {
	g, err := s.facebook()
	if err != nil {
		return err
	}
	r, err := g.read(signed)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		who, last, err := facebookUser(ctx, tx, g, r)
		if err != nil || who == nil {
			return err
		}
		id := who.ID
		if last && who.Email == "" {
			res, err := tx.Exec(ctx, `delete from session where reader = $1 and created <= $2`, id, db.Time(r.issued.Add(time.Second)))
			if problem.Is(db.One(res, err), problem.NotFound) {
				return nil // a replay: the person has not been here since
			}
			if err != nil {
				return fmt.Errorf("end the sessions of %s: %w", id, err)
			}
			return s.note(ctx, tx, audit.Entry{Act: LoggedOut, Subject: id, Detail: facebookSlug + ": taken back there"}, SessionsEnded{id})
		}
		if err := s.sever(ctx, tx, g, r, id); err != nil {
			return err
		}
		return s.note(ctx, tx, audit.Entry{Act: Disconnected, Subject: id, Detail: facebookSlug + ": taken back there"})
	})
}

// facebookUser finds the account of a request, nil when there is none, takes its
// row, and says whether Facebook is its last way in. A connection that is younger
// than the request is not meant by it: that makes an old request harmless for
// whoever has come back since.
func facebookUser(ctx context.Context, tx *db.Tx, g *graph, r signedRequest) (who *Reader, last bool, err error) {
	var id string
	err = tx.QueryRow(ctx, `select reader from identity where issuer = $1 and subject = $2 and created < $3`,
		g.issuer(), r.user, db.Time(r.issued.Add(time.Second))).Scan(&id) // the request knows seconds only
	if errors.Is(err, sql.ErrNoRows) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("find a user of Facebook: %w", err)
	}
	account, err := lock(ctx, tx, id)
	if err != nil {
		return nil, false, err
	}
	last, err = lastWayIn(ctx, tx, id, facebookSlug)
	return &account, last, err
}

// sever removes a connection that Facebook has ended, with the sessions.
func (s *Store) sever(ctx context.Context, tx *db.Tx, g *graph, r signedRequest, id string) error {
	if _, err := tx.Exec(ctx, `delete from identity where issuer = $1 and subject = $2`, g.issuer(), r.user); err != nil {
		return fmt.Errorf("disconnect: %w", err)
	}
	if err := s.endAll(ctx, tx, id, ""); err != nil {
		return err
	}
	return s.write(ctx, tx, Letter{Kind: ConnectionSet, Reader: id, Detail: ConnectionEnded + s.label(facebookSlug)})
}

// deletionCode names a request. Nobody can guess it, and nobody reads in it who
// it is about.
func (s *Store) deletionCode(g *graph, r signedRequest) string {
	h := sha256.Sum256([]byte(s.Keys.Digest("facebook deletion", g.issuer()+" "+r.user+" "+strconv.FormatInt(r.issued.Unix(), 10))))
	return hex.EncodeToString(h[:12])
}

// Deletion tells what became of a request, a Problem if there is none of this
// code.
func (s *Store) Deletion(ctx context.Context, code string) (d Deletion, err error) {
	if _, err := s.facebook(); err != nil {
		return d, err
	}
	var erased bool
	err = s.DB.QueryRow(ctx, `select f.asked, f.reader <> '', coalesce(r.leaving, 0), coalesce(r.erased, 0) > 0
		from facebook_deletion as f
		left join reader as r on r.id = f.reader
		where f.code = $1`, code).Scan((*db.Time)(&d.Asked), &d.Known, (*db.Time)(&d.Leaving), &erased)
	d.Erased = erased
	return d, db.Found(err, "There is no request with this code. Look whether it is copied whole.")
}
