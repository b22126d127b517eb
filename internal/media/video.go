package media

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/db"
	"kawaraban/internal/event"
	"kawaraban/internal/problem"
)

// A Video is one video of the paper. Where it is shown it is a figure whose picture
// is its poster: nothing of it is sent before its reader presses play.
type Video struct {
	ID string
	Film
	Size         int64
	Address      string // of a stream, which lives elsewhere; "" for a file of ours
	Poster       string // id of a picture, "" while nobody has chosen one
	Title        string
	Credit       string
	Language     string // of the captions, BCP 47; "" when there are none
	Expires      time.Time
	Ended        bool   // that time has come
	Rights       string // a note that never leaves the newsroom
	Name         string // of the file, as it was sent
	Owner        string // reader id of whoever sent it, "" for what came otherwise
	Created      time.Time
	Edited       time.Time // zero: never
	EditedBy     string
	hash, spoken string // of the file, and of the captions
}

const videoColumns = `v.id, coalesce(v.hash, ''), v.kind, v.codec, v.size, v.duration, v.width, v.height, v.address, coalesce(v.poster, ''),
	v.title, v.credit, v.captions, v.captions_lang, v.expires, v.rights, v.name, coalesce(v.owner, ''), v.created, v.edited, coalesce(v.edited_by, '')`

func (s *Store) scanVideo(row interface{ Scan(...any) error }) (*Video, error) {
	v := new(Video)
	var ms int64
	err := row.Scan(&v.ID, &v.hash, &v.Kind, &v.Codec, &v.Size, &ms, &v.Width, &v.Height, &v.Address, &v.Poster,
		&v.Title, &v.Credit, &v.spoken, &v.Language, (*db.Time)(&v.Expires), &v.Rights, &v.Name, &v.Owner, (*db.Time)(&v.Created), (*db.Time)(&v.Edited), &v.EditedBy)
	v.Duration = time.Duration(ms) * time.Millisecond
	v.Ended = !v.MayShowAt(s.Now())
	return v, err
}

// MayShowAt reports whether the video may be shown at a moment.
func (v *Video) MayShowAt(at time.Time) bool { return v.Expires.IsZero() || v.Expires.After(at) }

// Key is what readers find the file under, "" for what lives elsewhere.
func (v *Video) Key() string {
	if v.Kind == HLS {
		return ""
	}
	return v.ID + "." + string(v.Kind)
}

// CaptionsKey is what readers find the captions under, "" when there are none. Other
// captions have another key, so that browsers keep them for long.
func (v *Video) CaptionsKey() string {
	if v.spoken == "" {
		return ""
	}
	return v.ID + "-" + v.spoken[:8] + ".vtt"
}

func filmBlob(hash string) string { return "video/" + hash[:2] + "/" + hash }

func captionsBlob(id, hash string) string { return "captions/" + id + "-" + hash[:8] }

// Videos returns those of the videos that exist, by id.
func (s *Store) Videos(ctx context.Context, ids ...string) (map[string]*Video, error) {
	return s.VideosIn(ctx, s.DB, ids...)
}

// VideosIn is Videos as a transaction sees them.
func (s *Store) VideosIn(ctx context.Context, q db.Querier, ids ...string) (map[string]*Video, error) {
	found := make(map[string]*Video, len(ids))
	for batch := range slices.Chunk(ids, 500) {
		var args []any
		rows, err := q.Query(ctx, `select `+videoColumns+` from video as v where v.id `+db.In(&args, batch)+` order by v.id`, args...)
		if err != nil {
			return nil, fmt.Errorf("read videos: %w", err)
		}
		list, err := s.videos(rows)
		if err != nil {
			return nil, err
		}
		for _, v := range list {
			found[v.ID] = v
		}
	}
	return found, nil
}

func (s *Store) videos(rows *sql.Rows) (list []*Video, err error) {
	defer rows.Close()
	for rows.Next() {
		v, err := s.scanVideo(rows)
		if err != nil {
			return nil, fmt.Errorf("read videos: %w", err)
		}
		list = append(list, v)
	}
	if err := rows.Err(); err != nil {
		return nil, fmt.Errorf("read videos: %w", err)
	}
	return list, nil
}

// Video returns one video.
func (s *Store) Video(ctx context.Context, id string) (*Video, error) {
	found, err := s.Videos(ctx, id)
	if err != nil {
		return nil, err
	}
	if found[id] == nil {
		return nil, noVideo()
	}
	return found[id], nil
}

func noVideo() error {
	return &problem.Problem{Kind: problem.NotFound, Detail: "There is no such video."}
}

// A VideoFilter says which videos a list holds.
type VideoFilter struct {
	Words  string // all of them stand in what is said of the video
	Usable bool   // only those that have a poster and may be shown now
	Before string // cursor
	Limit  int    // at most this many, 1 to 200
}

// ListVideos lists videos, newest first. older is the cursor of the next page, "" on
// the last. A paper has far fewer videos than pictures: they are looked through.
func (s *Store) ListVideos(ctx context.Context, f VideoFilter) (list []*Video, older string, err error) {
	limit := min(max(f.Limit, 1), 200)
	where, args := []string{"v.id <> ''"}, []any{}
	words := wordsIn(cut(f.Words, 200))
	if f.Words != "" && len(words) == 0 {
		return nil, "", nil
	}
	for _, w := range words[:min(len(words), 10)] {
		where = append(where, "v.folded like "+db.Arg(&args, "%"+db.Like(w)+"%")+` escape '\'`)
	}
	if f.Usable {
		where = append(where, "v.poster is not null and (v.expires = 0 or v.expires > "+db.Arg(&args, db.Time(s.Now()))+")")
	}
	if f.Before != "" {
		where = append(where, "v.id < "+db.Arg(&args, cut(f.Before, 40)))
	}
	rows, err := s.DB.Query(ctx, `select `+videoColumns+` from video as v
		where `+strings.Join(where, " and ")+`
		order by v.id desc
		limit `+db.Arg(&args, limit+1), args...)
	if err != nil {
		return nil, "", fmt.Errorf("list videos: %w", err)
	}
	if list, err = s.videos(rows); err == nil && len(list) > limit {
		list, older = list[:limit], list[limit-1].ID
	}
	return list, older, err
}

// addVideo makes a video one of the paper's. The same bytes, and the same address,
// are the same video.
func (s *Store) addVideo(ctx context.Context, tx *db.Tx, v *Video) (id string, known bool, err error) {
	own := s.ID()
	conflict := `(hash)`
	if v.Kind == HLS {
		conflict = `(address) where kind = 'hls'`
	}
	v.Name = clean(cut(v.Name, maxName))
	err = tx.QueryRow(ctx, `insert into video (
			id, hash, kind, codec, size, duration, width, height, address, title, credit, captions, captions_lang,
			expires, rights, name, owner, created, edited, folded)
		values ($1, nullif($2, ''), $3, $4, $5, $6, $7, $8, $9, $10, '', '', '', 0, '', $11, nullif($12, ''), $13, 0, $14)
		on conflict `+conflict+` do update set name = video.name
		returning id`,
		own, v.hash, string(v.Kind), v.Codec, v.Size, v.Duration.Milliseconds(), v.Width, v.Height, v.Address, v.Title,
		v.Name, v.Owner, db.Time(s.Now()), v.folded()).Scan(&id)
	if err != nil {
		return "", false, fmt.Errorf("add a video: %w", err)
	}
	return id, id != own, nil
}

// folded is what a video is found by.
func (v *Video) folded() string {
	return " " + cut(strings.Join(wordsIn(strings.Join([]string{v.Title, v.Credit, v.Name, v.Address}, " ")), " "), maxFolded)
}

// VideoWords are what editors say of a video.
type VideoWords struct{ Title, Credit string }

// SetVideo gives a video other words; seen is when they were last changed as whoever
// changes them knows it.
func (s *Store) SetVideo(ctx context.Context, tx *db.Tx, id, by string, seen time.Time, w VideoWords) error {
	for field, text := range map[string]*string{"title": &w.Title, "credit": &w.Credit} {
		if utf8.RuneCountInString(*text) > maxWords {
			return tooLongField(field)
		}
		*text = clean(*text)
	}
	v, err := s.lockVideo(ctx, tx, id)
	if err != nil {
		return err
	}
	if !v.Edited.Equal(seen) {
		return &problem.Problem{Kind: problem.Conflict, Detail: "Somebody has changed the words of this video since. Look at them, and change them once more."}
	}
	if v.Title == w.Title && v.Credit == w.Credit {
		return nil
	}
	v.Title, v.Credit = w.Title, w.Credit
	now := s.Now()
	if !now.After(v.Edited) {
		now = v.Edited.Add(time.Microsecond)
	}
	_, err = tx.Exec(ctx, `update video set title = $2, credit = $3, folded = $4, edited = $5, edited_by = nullif($6, '') where id = $1`,
		id, w.Title, w.Credit, v.folded(), db.Time(now), by)
	if err != nil {
		return fmt.Errorf("change the words of video %s: %w", id, err)
	}
	return event.Record(ctx, tx, Ready{id})
}

func tooLongField(field string) error {
	return &problem.Problem{
		Kind: problem.Invalid, Detail: "One of the fields is longer than 1,000 characters. Shorten it.",
		Fields: map[string]string{field: "Shorten it to 1,000 characters."},
	}
}

// lockVideo takes a video's row, so that those who change one wait for one another.
func (s *Store) lockVideo(ctx context.Context, tx *db.Tx, id string) (*Video, error) {
	if err := db.One(tx.Exec(ctx, `update video set name = name where id = $1`, id)); err != nil {
		return nil, db.Found(err, "There is no such video.")
	}
	v, err := s.scanVideo(tx.QueryRow(ctx, `select `+videoColumns+` from video as v where v.id = $1`, id))
	return v, db.Found(err, "There is no such video.")
}

// SetPoster chooses the picture that stands for a video.
func (s *Store) SetPoster(ctx context.Context, tx *db.Tx, id, picture string) error {
	wrong := func(detail string) error {
		return &problem.Problem{Kind: problem.Invalid, Detail: detail, Fields: map[string]string{"by": detail}}
	}
	p, err := s.lock(ctx, tx, picture) // it must not be deleted meanwhile
	switch {
	case problem.Is(err, problem.NotFound):
		return wrong("Choose a picture of the library as poster.")
	case err != nil:
		return err
	case p.State == Failed:
		return wrong("This picture cannot be drawn. Choose another one.")
	case p.Ended:
		return wrong("The right to show this picture has ended. Choose another one.")
	}
	if err := db.One(tx.Exec(ctx, `update video set poster = $2 where id = $1`, id, picture)); err != nil {
		return db.Found(err, "There is no such video.")
	}
	return event.Record(ctx, tx, Ready{id})
}

// ReplacePoster puts one picture in the place of another as poster of all videos that
// have it.
func (s *Store) ReplacePoster(ctx context.Context, tx *db.Tx, was, now string) error {
	_, err := tx.Exec(ctx, `update video set poster = $2 where poster = $1`, was, now)
	if err != nil {
		return fmt.Errorf("replace poster %s: %w", was, err)
	}
	return nil
}

// IsPoster reports whether a picture stands for a video.
func (s *Store) IsPoster(ctx context.Context, q db.Querier, picture string) (is bool, err error) {
	err = q.QueryRow(ctx, `select exists (select 1 from video where poster = $1)`, picture).Scan(&is)
	return is, err
}

// SetVideoRights says until when a video may be shown, the zero time for ever, and
// what else there is to know about that.
func (s *Store) SetVideoRights(ctx context.Context, tx *db.Tx, id string, until time.Time, note string) error {
	if utf8.RuneCountInString(note) > maxWords {
		return tooLongField("rights")
	}
	err := db.One(tx.Exec(ctx, `update video set expires = $2, rights = $3 where id = $1`, id, db.Time(until), clean(note)))
	if err != nil {
		return db.Found(err, "There is no such video.")
	}
	return event.Record(ctx, tx, Ready{id})
}

// A Stream is a video that lives elsewhere, as somebody types it.
type Stream struct {
	Address, Title string
	Duration       time.Duration // 0: not known
	Width, Height  int           // 0: 16 to 9
}

// AddStream makes a stream one of the paper's videos. Nothing is fetched from there.
func (s *Store) AddStream(ctx context.Context, tx *db.Tx, owner string, t Stream) (id string, known bool, err error) {
	wrong := func(field, detail string) error {
		return &problem.Problem{Kind: problem.Invalid, Detail: detail, Fields: map[string]string{field: detail}}
	}
	u, err := url.Parse(strings.TrimSpace(t.Address))
	switch {
	case err != nil || u.Scheme != "https" || u.Host == "" || u.User != nil || len(t.Address) > maxWords:
		return "", false, wrong("address", "Give the address of a playlist: it starts with https:// and ends in .m3u8.")
	case !strings.HasSuffix(strings.ToLower(u.Path), ".m3u8"):
		return "", false, wrong("address", "Give the address of a playlist: it starts with https:// and ends in .m3u8.")
	case utf8.RuneCountInString(t.Title) > maxWords:
		return "", false, tooLongField("title")
	case t.Duration < 0 || t.Duration > maxFilmTime:
		return "", false, wrong("duration", "Write minutes and seconds, as 2:30.")
	}
	if t.Width == 0 || t.Height == 0 {
		t.Width, t.Height = 1280, 720
	}
	if t.Width < 1 || t.Height < 1 || t.Width > maxFilmSide || t.Height > maxFilmSide {
		return "", false, wrong("width", "Give width and height in pixels, or neither.")
	}
	u.Fragment = ""
	return s.addVideo(ctx, tx, &Video{
		Film: Film{Kind: HLS, Duration: t.Duration, Width: t.Width, Height: t.Height}, Address: u.String(), Title: clean(t.Title), Owner: owner,
	})
}

// DeleteVideo takes a video out of the library. Whoever calls it knows that it is
// shown nowhere. Its bytes are removed soon after.
func (s *Store) DeleteVideo(ctx context.Context, tx *db.Tx, id string) error {
	v, err := s.lockVideo(ctx, tx, id)
	if err != nil {
		return err
	}
	if _, err := tx.Exec(ctx, `delete from video where id = $1`, id); err != nil {
		return fmt.Errorf("delete video %s: %w", id, err)
	}
	gone := Forgetting{ID: id, Hash: v.hash, Video: true}
	if v.spoken != "" {
		gone.Captions = captionsBlob(id, v.spoken)
	}
	if err := s.Jobs.Add(ctx, tx, ForgetKind, time.Time{}, gone); err != nil {
		return err
	}
	return event.Record(ctx, tx, Ready{id})
}

// ISO is how long the video lasts, as machines read it (ISO 8601: "PT1M2S"); "" when
// that is not known.
func (v *Video) ISO() string {
	if v.Duration <= 0 {
		return ""
	}
	return "PT" + strings.ToUpper(max(v.Duration.Round(time.Second), time.Second).String())
}

// Clock is how long the video lasts, as people read it: "2:05"; "" when that is not
// known.
func (v *Video) Clock() string {
	s := int(v.Duration.Round(time.Second).Seconds())
	switch {
	case v.Duration <= 0:
		return ""
	case s >= 3600:
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}
