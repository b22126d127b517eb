package network

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/media"
	"kawaraban/internal/problem"
)

// An OwnOffer is something that the paper offers beside its articles: to its own
// readers in the panel, and to sisters.
type OwnOffer struct {
	ID       string
	Kind     Kind // Offer or Resource
	Title    string
	Address  string // https, or a path of ours
	Category string
	Picture  string // id in media, "" for none
	Begins   time.Time
	Ends     time.Time // zero: it does not end
	Created  time.Time
}

const maxOffers = 50

// absolute is the address as sisters have it.
func (o OwnOffer) absolute(base string) string {
	if strings.HasPrefix(o.Address, "/") {
		return base + o.Address
	}
	return o.Address
}

// Running reports whether it is there at that time.
func (o OwnOffer) Running(at time.Time) bool {
	return !at.Before(o.Begins) && (o.Ends.IsZero() || at.Before(o.Ends))
}

// check puts an offer in order; what is wrong is said at its field.
func (o *OwnOffer) check() error {
	fields := map[string]string{}
	o.Title, o.Category, o.Address, o.Picture = text(o.Title, maxTitle), text(o.Category, maxCategory), strings.TrimSpace(o.Address), strings.TrimSpace(o.Picture)
	if o.Kind != Resource {
		o.Kind = Offer
	}
	if o.Title == "" {
		fields["title"] = "Say what is offered."
	}
	if u, err := url.Parse(o.Address); err != nil || len(o.Address) > maxAddress || u.User != nil || strings.ContainsAny(o.Address, "\\ \t\r\n") ||
		!(u.Scheme == "https" && u.Host != "") && !(u.Scheme == "" && u.Host == "" && strings.HasPrefix(u.Path, "/")) {
		fields["address"] = "Type an address that begins with https://, or with / for a page of ours."
	}
	if !o.Ends.IsZero() && !o.Ends.After(o.Begins) {
		fields["ends"] = "It ends before it begins. Choose a later day."
	}
	if len(fields) > 0 {
		return &problem.Problem{Kind: problem.Invalid, Detail: "The offer was not kept.", Fields: fields}
	}
	return nil
}

const offerColumns = `id, kind, title, address, category, picture, begins, ends, created`

func scanOffer(row interface{ Scan(...any) error }) (o OwnOffer, err error) {
	err = row.Scan(&o.ID, &o.Kind, &o.Title, &o.Address, &o.Category, &o.Picture, (*db.Time)(&o.Begins), (*db.Time)(&o.Ends), (*db.Time)(&o.Created))
	return o, err
}

// Offers lists the paper's own offers, the newest first, also those that are to come and
// those that have ended.
func (s *Store) Offers(ctx context.Context) (list []OwnOffer, err error) {
	rows, err := s.DB.Query(ctx, `select `+offerColumns+` from network_offer where removed = 0 order by created desc, id desc limit $1`, maxOffers)
	if err != nil {
		return nil, fmt.Errorf("list offers: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		o, err := scanOffer(rows)
		if err != nil {
			return nil, fmt.Errorf("list offers: %w", err)
		}
		list = append(list, o)
	}
	return list, rows.Err()
}

// running are the offers that are there now.
func (s *Store) running(ctx context.Context, now time.Time) (list []OwnOffer, err error) {
	all, err := s.Offers(ctx)
	for _, o := range all {
		if o.Running(now) {
			list = append(list, o)
		}
	}
	return list, err
}

// AddOffer keeps an offer.
func (s *Store) AddOffer(ctx context.Context, actor string, o OwnOffer) (id string, err error) {
	if o.Begins.IsZero() {
		o.Begins = s.Now()
	}
	if err := o.check(); err != nil {
		return "", err
	}
	if o.Picture != "" {
		if err := s.lend(ctx, o.Picture); err != nil {
			return "", err
		}
	}
	id = s.ID()
	return id, s.DB.Tx(ctx, func(tx *db.Tx) error {
		var n int
		if err := tx.QueryRow(ctx, `select count(*) from network_offer where removed = 0`).Scan(&n); err != nil {
			return err
		}
		if n >= maxOffers {
			return &problem.Problem{Kind: problem.Conflict, Detail: "There are fifty offers already. Remove one that has ended."}
		}
		_, err := tx.Exec(ctx, `insert into network_offer (`+offerColumns+`, removed, author) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $10)`,
			id, o.Kind, o.Title, o.Address, o.Category, o.Picture, db.Time(o.Begins), db.Time(o.Ends), db.Time(s.Now()), actor)
		if err != nil {
			return fmt.Errorf("add an offer: %w", err)
		}
		if err := s.Audit.Add(ctx, tx, audit.Entry{Actor: actor, Act: OfferSet, Subject: id, Detail: "added " + o.Title}); err != nil {
			return err
		}
		return s.changed(ctx, tx)
	})
}

// RemoveOffer takes an offer away, or brings it back.
func (s *Store) RemoveOffer(ctx context.Context, actor, id string, away bool) error {
	at, what := time.Time{}, "brought back"
	if away {
		at, what = s.Now(), "removed"
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		if err := db.One(tx.Exec(ctx, `update network_offer set removed = $2 where id = $1`, id, db.Time(at))); err != nil {
			return err
		}
		if err := s.Audit.Add(ctx, tx, audit.Entry{Actor: actor, Act: OfferSet, Subject: id, Detail: what}); err != nil {
			return err
		}
		return s.changed(ctx, tx)
	})
}

// lend makes a small copy of a picture of the library for the panel: the library's own
// are served only where an article shows them.
func (s *Store) lend(ctx context.Context, id string) error {
	wrong := func(detail string) error {
		return &problem.Problem{Kind: problem.Invalid, Detail: detail, Fields: map[string]string{"picture": detail}}
	}
	found, err := s.Media.Pictures(ctx, id)
	if err != nil {
		return err
	}
	p := found[id]
	switch {
	case p == nil:
		return wrong("There is no picture with this number in the library.")
	case p.Ended:
		return wrong("The rights of this picture have ended. Choose another.")
	}
	f := narrow(p)
	if f == nil {
		return wrong("This picture is still being drawn. Try again in a moment.")
	}
	open, err := s.Media.Open(ctx, f.Key)
	if err != nil {
		return err
	}
	data, err := io.ReadAll(io.LimitReader(open, media.MaxBytes))
	if err = errors.Join(err, open.Close()); err != nil {
		return fmt.Errorf("copy a picture for an offer: %w", err)
	}
	r, err := s.redraw(ctx, data)
	if err != nil {
		return err
	}
	return s.keepPicture(ctx, "", id, r)
}
