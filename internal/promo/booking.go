package promo

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/audit"
	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A Kind is what was sold.
type Kind string

const (
	Exclusive   Kind = "exclusive"
	Impressions Kind = "impressions"
	Share       Kind = "share"
	House       Kind = "house"
)

// A Source is where the video is.
type Source string

const (
	Library Source = "video" // a file of ours, or the address of a stream
	Embed   Source = "embed" // another's player, after a click
	Server  Source = "tag"   // what an ad server answers (VAST)
)

// A State is what was decided about a booking. Whether it runs is also a matter of the
// clock (Booking.Phase).
type State string

const (
	Draft   State = "draft"
	On      State = "on"
	Stopped State = "stopped"
)

// A Booking is a sponsored video for some days and places.
type Booking struct {
	ID       string
	Sponsor  string // as readers see it
	Title    string
	Words    string // a sentence below the title, or ""
	Link     string // https, or "" for none
	Kind     Kind
	Source   Source
	Video    string // id in the library
	Address  string // https, of a player or of a tag
	Poster   string // id of a picture; "" is the video's own
	Begins   time.Time
	Ends     time.Time // the first moment after it; zero for a house booking that does not end
	Places   []string  // none is everywhere
	Goal     int       // impressions promised
	Share    int       // of a hundred
	Priority int       // 1 before 2 before 3
	Cap      int       // times that one reader sees it on a day; 0 for no limit
	State    State
	Note     string // never leaves the newsroom
	Report   int    // number of the sponsor's link
	Author   string
	Created  time.Time
	Edited   time.Time
}

// A Phase is where a booking stands now.
type Phase string

const (
	Prepared Phase = "draft"
	Halted   Phase = "stopped"
	Coming   Phase = "coming"
	Running  Phase = "running"
	Over     Phase = "over"
)

// Phase is where the booking stands at a moment.
func (b *Booking) Phase(at time.Time) Phase {
	switch {
	case !b.Ends.IsZero() && !at.Before(b.Ends):
		return Over
	case b.State == Draft:
		return Prepared
	case b.State == Stopped:
		return Halted
	case at.Before(b.Begins):
		return Coming
	}
	return Running
}

// At reports whether the booking is for a place.
func (b *Booking) At(place string) bool {
	return len(b.Places) == 0 || slices.Contains(b.Places, place)
}

const (
	maxText    = 160 // characters of a sponsor's name or a title
	maxWords   = 400
	maxAddress = 2000
	maxNote    = 2000
	maxPlaces  = 100
	maxGoal    = 1_000_000_000
	maxDays    = 366 // of a booking that ends
	maxCap     = 100
)

// players are the hosts whose players may be embedded: each shows a video at an address
// that needs no script of ours.
var players = []string{"www.youtube-nocookie.com", "player.vimeo.com"}

// check puts a booking in order; what is wrong is said at its field.
func (b *Booking) check() error {
	wrong := map[string]string{}
	b.Sponsor, b.Title, b.Words, b.Note = tidy(b.Sponsor), tidy(b.Title), tidy(b.Words), strings.TrimSpace(b.Note)
	b.Link, b.Address = strings.TrimSpace(b.Link), strings.TrimSpace(b.Address)
	b.checkWords(wrong)
	b.checkSource(wrong)
	b.checkKind(wrong)
	slices.Sort(b.Places)
	b.Places = slices.Compact(b.Places)
	if len(b.Places) > maxPlaces {
		wrong["places"] = "Choose fewer places, or all of them."
	}
	if len(wrong) > 0 {
		return &problem.Problem{Kind: problem.Invalid, Detail: "The booking was not kept. Look at what is marked.", Fields: wrong}
	}
	return nil
}

func (b *Booking) checkWords(wrong map[string]string) {
	for field, text := range map[string]string{"sponsor": b.Sponsor, "title": b.Title} {
		if text == "" {
			wrong[field] = "Readers must see this. Write it."
		} else if utf8.RuneCountInString(text) > maxText {
			wrong[field] = "Shorten it to 160 characters."
		}
	}
	if utf8.RuneCountInString(b.Words) > maxWords {
		wrong["words"] = "Shorten it to 400 characters."
	}
	if utf8.RuneCountInString(b.Note) > maxNote {
		wrong["note"] = "Shorten it to 2,000 characters."
	}
	if b.Link != "" && secure(b.Link) == nil {
		wrong["link"] = "Type an address that begins with https://."
	}
}

func (b *Booking) checkSource(wrong map[string]string) {
	switch b.Source {
	case Library:
		if b.Address = ""; b.Video == "" {
			wrong["video"] = "Choose a video of the library."
		}
	case Embed:
		u := secure(b.Address)
		if b.Video = ""; u == nil || !slices.Contains(players, u.Host) {
			wrong["address"] = "Type the address of a player, https://www.youtube-nocookie.com/embed/… or https://player.vimeo.com/video/…, and nothing else."
		}
		if b.Poster == "" {
			wrong["poster"] = "Choose a picture: nothing is loaded from the player before a reader asks for it."
		}
	case Server:
		if secure(b.Address) == nil {
			wrong["address"] = "Type the address of the tag. It begins with https://."
		}
	default:
		wrong["source"] = "Choose where the video is."
	}
}

func (b *Booking) checkKind(wrong map[string]string) {
	if b.Kind != Impressions {
		b.Goal = 0
	}
	if b.Kind != Share {
		b.Share = 0
	}
	switch b.Kind {
	case Impressions:
		if b.Goal < 1 || b.Goal > maxGoal {
			wrong["goal"] = "Say how many impressions are promised, as 10000."
		}
	case Share:
		if b.Share < 1 || b.Share > 100 {
			wrong["share"] = "Say how many of a hundred views, 1 to 100."
		}
	case Exclusive, House:
	default:
		wrong["kind"] = "Choose what is booked."
	}
	switch {
	case b.Begins.IsZero():
		wrong["begins"] = "Choose the first day."
	case b.Ends.IsZero():
		if b.Kind != House {
			wrong["ends"] = "Choose the last day."
		}
	case !b.Ends.After(b.Begins):
		wrong["ends"] = "It ends before it begins. Choose a later day."
	case b.Ends.Sub(b.Begins) > maxDays*24*time.Hour:
		wrong["ends"] = "A booking is for a year at most. Choose an earlier day."
	}
	if b.Priority == 0 {
		b.Priority = 2
	}
	if b.Priority < 1 || b.Priority > 3 {
		wrong["priority"] = "Choose 1, 2 or 3."
	}
	if b.Cap < 0 || b.Cap > maxCap {
		wrong["cap"] = "Say how often a day, 1 to 100, or leave it empty."
	}
}

// secure is an https address of another host; nil for anything else.
func secure(address string) *url.URL {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxAddress || u.Scheme != "https" || u.Host == "" || u.User != nil || strings.ContainsAny(address, "\\ \t\r\n") {
		return nil
	}
	return u
}

func tidy(text string) string {
	return strings.Join(strings.Fields(strings.ToValidUTF8(text, "")), " ")
}

const bookingColumns = `b.id, b.sponsor, b.title, b.words, b.link, b.kind, b.source, coalesce(b.video, ''), b.address, coalesce(b.poster, ''),
	b.begins, b.ends, b.goal, b.share, b.priority, b.cap, b.state, b.note, b.report, b.author, b.created, b.edited`

func scanBooking(row interface{ Scan(...any) error }) (*Booking, error) {
	b := new(Booking)
	err := row.Scan(&b.ID, &b.Sponsor, &b.Title, &b.Words, &b.Link, &b.Kind, &b.Source, &b.Video, &b.Address, &b.Poster,
		(*db.Time)(&b.Begins), (*db.Time)(&b.Ends), &b.Goal, &b.Share, &b.Priority, &b.Cap, &b.State, &b.Note, &b.Report, &b.Author,
		(*db.Time)(&b.Created), (*db.Time)(&b.Edited))
	return b, err
}

// bookings reads what a query finds, with its places.
func bookings(ctx context.Context, q db.Querier, query string, args ...any) (list []*Booking, err error) {
	rows, err := q.Query(ctx, query, args...)
	if err != nil {
		return nil, fmt.Errorf("list bookings: %w", err)
	}
	if list, err = scanAll(rows, scanBooking); err != nil {
		return nil, fmt.Errorf("list bookings: %w", err)
	}
	byID := make(map[string]*Booking, len(list))
	ids := make([]string, len(list))
	for i, b := range list {
		byID[b.ID], ids[i] = b, b.ID
	}
	for some := range slices.Chunk(ids, 500) {
		if err := readPlaces(ctx, q, some, byID); err != nil {
			return nil, fmt.Errorf("list the places of bookings: %w", err)
		}
	}
	return list, nil
}

func readPlaces(ctx context.Context, q db.Querier, ids []string, of map[string]*Booking) error {
	var args []any
	rows, err := q.Query(ctx, `select booking, place from promo_place where booking `+db.In(&args, ids)+` order by booking, place`, args...)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var id, place string
		if err := rows.Scan(&id, &place); err != nil {
			return err
		}
		of[id].Places = append(of[id].Places, place)
	}
	return rows.Err()
}

func scanAll[T any](rows *sql.Rows, scan func(interface{ Scan(...any) error }) (T, error)) (list []T, err error) {
	defer rows.Close()
	for rows.Next() {
		one, err := scan(rows)
		if err != nil {
			return nil, err
		}
		list = append(list, one)
	}
	return list, rows.Err()
}

// Get returns one booking.
func (s *Store) Get(ctx context.Context, id string) (*Booking, error) { return get(ctx, s.DB, id) }

func get(ctx context.Context, q db.Querier, id string) (*Booking, error) {
	list, err := bookings(ctx, q, `select `+bookingColumns+` from promo_booking as b where b.id = $1`, id)
	if err == nil && len(list) == 0 {
		err = noBooking()
	}
	if err != nil {
		return nil, err
	}
	return list[0], nil
}

func noBooking() error {
	return &problem.Problem{Kind: problem.NotFound, Detail: "There is no such booking."}
}

// A Filter says which bookings a list holds.
type Filter struct {
	Over   bool   // those that have ended, instead of all others
	Before string // cursor
	Limit  int    // 1 to 200
}

// List lists bookings, the newest first. older is the cursor of the next page.
func (s *Store) List(ctx context.Context, f Filter) (list []*Booking, older string, err error) {
	limit := min(max(f.Limit, 1), 200)
	now := db.Time(s.Now())
	where, args := `(b.ends = 0 or b.ends > $1)`, []any{now}
	if f.Over {
		where = `b.ends <> 0 and b.ends <= $1`
	}
	if f.Before != "" {
		where += ` and b.id < ` + db.Arg(&args, f.Before)
	}
	list, err = bookings(ctx, s.DB, `select `+bookingColumns+` from promo_booking as b
		where `+where+`
		order by b.id desc
		limit `+db.Arg(&args, limit+1), args...)
	if err == nil && len(list) > limit {
		list, older = list[:limit], list[limit-1].ID
	}
	return list, older, err
}

// Add keeps a new booking, as a draft.
func (s *Store) Add(ctx context.Context, actor string, b *Booking) error {
	if err := b.check(); err != nil {
		return err
	}
	b.ID, b.State, b.Author, b.Created, b.Report = s.ID(), Draft, actor, s.Now().UTC().Truncate(time.Microsecond), 0
	b.Edited = b.Created
	return s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into promo_booking (
				id, sponsor, title, words, link, kind, source, video, address, poster, begins, ends, goal, share, priority, cap, state, note, report,
				author, created, edited, edited_by)
			values ($1, $2, $3, $4, $5, $6, $7, nullif($8, ''), $9, nullif($10, ''), $11, $12, $13, $14, $15, $16, 'draft', $17, 0, $18, $19, $19, $18)`,
			b.ID, b.Sponsor, b.Title, b.Words, b.Link, b.Kind, b.Source, b.Video, b.Address, b.Poster, db.Time(b.Begins), db.Time(b.Ends),
			b.Goal, b.Share, b.Priority, b.Cap, b.Note, actor, db.Time(b.Created))
		if err != nil {
			return s.unknown(err, "add a booking")
		}
		if err := putPlaces(ctx, tx, b); err != nil {
			return err
		}
		return s.Audit.Add(ctx, tx, audit.Entry{Actor: actor, Act: BookingSet, Subject: b.ID, Detail: "added for " + b.Sponsor})
	})
}

// unknown says that a video or a picture is gone, when that is what is wrong.
func (s *Store) unknown(err error, doing string) error {
	if db.IsForeign(err) {
		const gone = "The video or the picture is not in the library any more. Choose another."
		return &problem.Problem{Kind: problem.Invalid, Detail: gone, Fields: map[string]string{"video": gone}, Err: err}
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func putPlaces(ctx context.Context, tx *db.Tx, b *Booking) error {
	if _, err := tx.Exec(ctx, `delete from promo_place where booking = $1`, b.ID); err != nil {
		return fmt.Errorf("set the places of a booking: %w", err)
	}
	for _, p := range b.Places {
		if _, err := tx.Exec(ctx, `insert into promo_place (booking, place) values ($1, $2)`, b.ID, p); err != nil {
			return fmt.Errorf("set the places of a booking: %w", err)
		}
	}
	return nil
}
