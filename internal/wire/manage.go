package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"path/filepath"
	"slices"
	"strings"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

// What the audit log tells of sources. It never tells a secret.
const (
	SourceAdded   audit.Act = "wire.source.add"
	SourceChanged audit.Act = "wire.source.change"
	SourcePaused  audit.Act = "wire.source.pause"
	SourceResumed audit.Act = "wire.source.resume"
	SourceRemoved audit.Act = "wire.source.remove"
	SecretMade    audit.Act = "wire.source.secret"
)

// Add adds a source and the way in which its copy comes; who is the actor of the audit
// log. A source that was removed comes back with its stories when one of its name is
// added. password is sealed and never shown again.
func (s *Store) Add(ctx context.Context, who string, src Source, w Way, password string) (Source, error) {
	if err := s.checkSource(&src, &w, password != ""); err != nil {
		return src, err
	}
	made := s.ID()
	src.Created = s.Now()
	err := s.DB.Tx(ctx, func(tx *db.Tx) error {
		src.ID = ""
		rows, err := tx.Query(ctx, `insert into wire_source (id, name, section, publish, feeds, created, received, problem)
			values ($1, $2, $3, $4, $5, $6, 0, '')
			on conflict (name) do update
			set section = excluded.section, publish = excluded.publish, feeds = excluded.feeds, problem = '', removed = 0
			where wire_source.removed > 0
			returning id`,
			made, src.Name, src.Section, src.Publish, src.Feeds, db.Time(src.Created))
		if err != nil {
			return err
		}
		for rows.Next() {
			if err := rows.Scan(&src.ID); err != nil {
				rows.Close()
				return err
			}
		}
		if err := rows.Err(); err != nil {
			return err
		}
		if src.ID == "" {
			return &problem.Problem{
				Kind: problem.Conflict, Detail: "There is a wire source " + src.Name + " already. Choose another name.",
				Format: "There is a wire source %s already. Choose another name.", Args: []any{src.Name},
				Fields: map[string]string{"name": "Choose another name."},
			}
		}
		if err := s.putWay(ctx, tx, src.ID, w, password, true); err != nil {
			return err
		}
		return s.logged(ctx, tx, who, SourceAdded, src, w)
	})
	return src, s.explain(src, err)
}

// explain turns what the database refuses into what somebody can do.
func (s *Store) explain(src Source, err error) error {
	switch {
	case problem.Of(err) != nil || err == nil:
		return err
	case db.IsUnique(err):
		return &problem.Problem{
			Kind: problem.Conflict, Detail: "There is a wire source " + src.Name + " already. Choose another name.",
			Format: "There is a wire source %s already. Choose another name.", Args: []any{src.Name},
			Fields: map[string]string{"name": "Choose another name."}, Err: err,
		}
	case db.IsForeign(err):
		return &problem.Problem{
			Kind: problem.Invalid, Detail: "This paper has no section " + src.Section + ".",
			Fields: map[string]string{"section": "Choose a section."}, Err: err,
		}
	}
	return fmt.Errorf("store wire source %s: %w", src.Name, err)
}

// checkSource tidies what somebody wants, and refuses what cannot be.
func (s *Store) checkSource(src *Source, w *Way, secret bool) error {
	src.Name = strings.TrimSpace(src.Name)
	if src.Name == "" || len(src.Name) > 60 {
		return invalid("name", "A wire source needs a name of at most 60 letters, such as AFP.")
	}
	if src.Publish != Auto && src.Publish != Hold {
		return &problem.Problem{Kind: problem.Invalid, Detail: fmt.Sprintf("A wire source publishes auto or hold, not %q.", src.Publish)}
	}
	w.Address, w.Account = strings.TrimSpace(w.Address), strings.TrimSpace(w.Account)
	if w.Every == 0 {
		w.Every = usually
	}
	if len(w.Address) > 2000 || len(w.Account) > 200 {
		return invalid("address", "This is too long.")
	}
	switch {
	case w.Kind == "":
		return nil
	case w.Kind == ByFolder:
		if !filepath.IsAbs(w.Address) {
			return invalid("address", "Write the whole path of the folder, from / on.")
		}
		return nil
	case w.Kind == ByPush:
		w.Address = ""
		return nil
	}
	if w.Every < soonest || w.Every > seldom {
		return invalid("every", "Choose between 5 seconds and an hour.")
	}
	p, err := s.puller(w.Kind)
	if err != nil {
		return err
	}
	w.sealed = ""
	if secret {
		w.sealed = "given" // so that the way can ask for one
	}
	return p.check(w)
}

// invalid is the Problem of a field.
func invalid(field, sentence string) error {
	return &problem.Problem{Kind: problem.Invalid, Detail: sentence, Fields: map[string]string{field: sentence}}
}

// putWay stores how a source's copy comes. The secret is kept when there is no new one
// and none of what it was for has changed. fresh forgets how far the old way had come.
func (s *Store) putWay(ctx context.Context, tx *db.Tx, source string, w Way, password string, fresh bool) error {
	if w.Kind == "" {
		_, err := tx.Exec(ctx, `delete from wire_way where source = $1`, source)
		return err
	}
	options, err := json.Marshal(w.Options)
	if err != nil {
		return err
	}
	sealed := w.sealed
	if password != "" {
		sealed = s.Keys.Seal(secret.WireCredential, source, []byte(password))
	} else if fresh {
		sealed = ""
	}
	now := db.Time(s.Now())
	_, err = tx.Exec(ctx, `insert into wire_way (`+wayColumns+`)
		values ($1, $2, $3, $4, $5, $6, $7, false, $8, 0, 0, 0, 0, 0, $9, 0)
		on conflict (source) do update
		set kind = excluded.kind, address = excluded.address, account = excluded.account, secret = excluded.secret,
			options = excluded.options, every = excluded.every, cursor = excluded.cursor, failures = 0, due = excluded.due,
			turn = wire_way.turn + 1`,
		source, w.Kind, w.Address, w.Account, string(sealed), string(options), w.Every.Microseconds(), w.Cursor, now)
	return err
}

// logged tells the audit log of a change. The address is told without what may be a key.
func (s *Store) logged(ctx context.Context, tx *db.Tx, who string, act audit.Act, src Source, w Way) error {
	if s.Audit == nil {
		return nil
	}
	words := []string{src.Name}
	if w.Kind != "" {
		words = append(words, string(w.Kind))
	}
	if u, err := url.Parse(w.Address); err == nil && u.Host != "" {
		words = append(words, u.Scheme+"://"+u.Host)
	} else if w.Kind == ByFolder {
		words = append(words, w.Address)
	}
	return s.Audit.Add(ctx, tx, audit.Entry{Actor: who, Act: act, Subject: src.ID, Detail: strings.Join(words, " ")})
}

// Change changes a source and its way. Without a password the one that is kept stays, but
// only for the same host and account: nobody may have it sent elsewhere.
func (s *Store) Change(ctx context.Context, who string, src Source, w Way, password string) error {
	before, err := s.SourceByID(ctx, src.ID)
	if err != nil {
		return err
	}
	old, err := s.Way(ctx, src.ID)
	if err != nil {
		return err
	}
	same := sameDoor(&old, &w)
	if err := s.checkSource(&src, &w, password != "" || same && old.sealed != ""); err != nil {
		return err
	}
	w.sealed = ""
	if same = sameDoor(&old, &w); same {
		w.sealed = old.sealed
	} else if old.sealed != "" && password == "" && w.Kind == old.Kind && w.Kind.Pulled() {
		return invalid("password", "Type the password again: it is not sent to another address or account.")
	}
	fresh := !same || old.Address != w.Address || !slices.Equal(old.Options.Products, w.Options.Products)
	if w.Cursor = old.Cursor; fresh {
		w.Cursor = ""
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		err := db.One(tx.Exec(ctx, `update wire_source set name = $2, section = $3, publish = $4, feeds = $5, problem = ''
			where id = $1 and removed = 0`, src.ID, src.Name, src.Section, src.Publish, src.Feeds))
		if err != nil {
			return err
		}
		if err := s.putWay(ctx, tx, src.ID, w, password, false); err != nil {
			return err
		}
		src.Name = before.Name + " → " + src.Name
		if before.Name+" → "+before.Name == src.Name {
			src.Name = before.Name
		}
		return s.logged(ctx, tx, who, SourceChanged, src, w)
	})
	return s.explain(src, err)
}

// sameDoor reports whether a secret of one way may be used for the other.
func sameDoor(a, b *Way) bool {
	return a.Kind == b.Kind && a.Account == b.Account && a.Options.Header == b.Options.Header && a.Options.Plain == b.Options.Plain && door(a.Address) == door(b.Address)
}

// door is the part of an address that says whom a secret is told.
func door(address string) string {
	if u, err := url.Parse(address); err == nil && u.Host != "" {
		return u.Scheme + "://" + strings.ToLower(u.Host)
	}
	return address
}

// Pause stops asking a source, or watching its folder, or taking what it sends; or begins
// again.
func (s *Store) Pause(ctx context.Context, who, id string, paused bool) error {
	src, err := s.SourceByID(ctx, id)
	if err != nil {
		return err
	}
	act := SourceResumed
	if paused {
		act = SourcePaused
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		err := db.One(tx.Exec(ctx, `update wire_way set paused = $2, due = $3, failures = 0, turn = turn + 1 where source = $1`,
			id, paused, db.Time(s.Now())))
		if err != nil {
			return err
		}
		if _, err := tx.Exec(ctx, `update wire_source set problem = '' where id = $1`, id); err != nil {
			return err
		}
		return s.logged(ctx, tx, who, act, src, Way{})
	})
}

// Hurry has a source asked at once, unless it is being asked.
func (s *Store) Hurry(ctx context.Context, id string) error {
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		now := db.Time(s.Now())
		_, err := tx.Exec(ctx, `update wire_way set due = $2, failures = 0 where source = $1 and due > $2 and due - polled <> $3`, id, now, lease.Microseconds())
		return err
	})
}

// Remove ends a source: its way and its secret are gone. What came from it stays, and a
// recall by the agency no longer reaches it.
func (s *Store) Remove(ctx context.Context, who, id string) error {
	src, err := s.SourceByID(ctx, id)
	if err != nil {
		return err
	}
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		for _, table := range []string{"wire_way", "wire_file"} {
			if _, err := tx.Exec(ctx, `delete from `+table+` where source = $1`, id); err != nil {
				return err
			}
		}
		err := db.One(tx.Exec(ctx, `update wire_source set removed = $2, problem = '' where id = $1 and removed = 0`, id, db.Time(s.Now())))
		if err != nil {
			return err
		}
		return s.logged(ctx, tx, who, SourceRemoved, src, Way{})
	})
}

// NewSecret makes the key with which a source that pushes signs. It is shown once; the
// one before is no longer good.
func (s *Store) NewSecret(ctx context.Context, who, id string) (string, error) {
	src, err := s.SourceByID(ctx, id)
	if err != nil {
		return "", err
	}
	made := secret.NewToken().Reveal()
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		err := db.One(tx.Exec(ctx, `update wire_way set secret = $2, turn = turn + 1 where source = $1 and kind = 'push'`,
			id, string(s.Keys.Seal(secret.WireCredential, id, []byte(made)))))
		if err != nil {
			return err
		}
		return s.logged(ctx, tx, who, SecretMade, src, Way{})
	})
	return made, err
}

// A Health is how a source does.
type Health string

const (
	Well    Health = "ok"      // it was asked, and all is well
	Fresh   Health = "waiting" // nothing has come yet
	InNeed  Health = "trouble" // a sentence says of what sort
	Resting Health = "paused"
	ByHand  Health = "hand" // nothing comes by itself
)

// Health tells how the source of a way does.
func (w *Way) Health(src Source) Health {
	switch {
	case w.Kind == "":
		return ByHand
	case w.Paused:
		return Resting
	case src.Problem != "":
		return InNeed
	case w.Kind.Pulled() && w.Succeeded.IsZero(), !w.Kind.Pulled() && src.Received.IsZero():
		return Fresh
	}
	return Well
}
