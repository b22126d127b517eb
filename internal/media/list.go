package media

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A Filter says which pictures a list holds. The zero Filter is the newest of all.
type Filter struct {
	Words  string // all of them stand in what is said of the picture, or begin a word there
	Bare   bool   // only those without a credit
	Ending bool   // only those whose rights end within 30 days, or have ended
	Usable bool   // only those that may be shown now
	Also   string // a further condition on picture p, in SQL, of a subject that knows more
	Before string // cursor
	Limit  int    // at most this many, 1 to 200
}

const (
	soon = 30 * 24 * time.Hour // how long before the end of its rights a picture is listed

	// few is how many pictures with a word are looked at one by one. A word that more
	// have is common, and so met soon when all are looked through from the newest on.
	few = 5_000
)

// List lists pictures, newest first. older is the cursor of the next page, "" on the
// last.
func (s *Store) List(ctx context.Context, f Filter) (list []*Picture, older string, err error) {
	limit := min(max(f.Limit, 1), 200)
	from, where, args, err := s.filter(ctx, f)
	if err != nil {
		return nil, "", err
	}
	// The indexes know all that is looked at; of what is found the rest is read.
	rows, err := s.DB.Query(ctx, `select p.id from `+from+`
		where `+strings.Join(where, " and ")+`
		order by p.id desc
		limit `+db.Arg(&args, limit+1), args...)
	if err != nil {
		return nil, "", fmt.Errorf("list pictures: %w", err)
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, "", fmt.Errorf("list pictures: %w", err)
		}
		if len(ids) == limit {
			older = ids[limit-1]
			break
		}
		ids = append(ids, id)
	}
	if err := rows.Err(); err != nil {
		return nil, "", fmt.Errorf("list pictures: %w", err)
	}
	rows.Close()
	found, err := s.Pictures(ctx, ids...)
	if err != nil {
		return nil, "", err
	}
	for _, id := range ids {
		if found[id] != nil { // nobody has deleted it meanwhile
			list = append(list, found[id])
		}
	}
	return list, older, nil
}

// filter is f in the words of the indexes. Ids begin with the time at which they
// were made, and so are their order.
func (s *Store) filter(ctx context.Context, f Filter) (from string, where []string, args []any, err error) {
	from, where = "picture as p", []string{"p.id <> ''"}
	words := wordsIn(cut(f.Words, 200))
	if f.Words != "" && len(words) == 0 {
		where = append(where, "p.id = ''") // signs only: nothing is found by them
	}
	words = words[:min(len(words), 10)]
	rare, err := s.rarest(ctx, words)
	if err != nil {
		return "", nil, nil, err
	}
	if rare != "" {
		from = `(select distinct w.picture from picture_word as w where ` + begins(&args, rare) + `) as f join picture as p on p.id = f.picture`
	}
	for _, w := range words {
		begin := "% "
		if first, _ := utf8.DecodeRuneInString(w); dense(first) {
			begin = "%"
		}
		where = append(where, "p.folded like "+db.Arg(&args, begin+db.Like(w)+"%")+` escape '\'`)
	}
	now := s.Now()
	if f.Bare {
		where = append(where, "p.credit = ''")
	}
	if f.Ending {
		where = append(where, "p.expires > 0 and p.expires <= "+db.Arg(&args, db.Time(now.Add(soon))))
	}
	if f.Usable {
		where = append(where, "p.state <> 'failed' and (p.expires = 0 or p.expires > "+db.Arg(&args, db.Time(now))+")")
	}
	if f.Also != "" {
		where = append(where, f.Also)
	}
	if f.Before != "" {
		if len(f.Before) > 40 {
			return "", nil, nil, &problem.Problem{Kind: problem.NotFound, Detail: "This page of the list does not exist. Begin again at the top."}
		}
		where = append(where, "p.id < "+db.Arg(&args, f.Before))
	}
	return from, where, args, nil
}

// begins is true of words of the index that begin with a token.
func begins(args *[]any, token string) string {
	return "w.word >= " + db.Arg(args, token) + " and w.word < " + db.Arg(args, token+"\U0010ffff")
}

// rarest returns the token of the words that the fewest pictures have; "" when all
// are common.
func (s *Store) rarest(ctx context.Context, words []string) (rare string, err error) {
	least := few
	list := tokens(strings.Join(words, " "))
	for _, w := range words { // what ends a word of two letters or more begins others by chance
		if runes := []rune(w); dense(runes[0]) && len(runes) > 1 {
			list = slices.DeleteFunc(list, func(t string) bool { return t == string(runes[len(runes)-1]) })
		}
	}
	for _, token := range list {
		var args []any
		n := 0
		err := s.DB.QueryRow(ctx, `select count(*) from (select 1 as one from picture_word as w where `+begins(&args, token)+`
			limit `+db.Arg(&args, least)+`) as found`, args...).Scan(&n)
		if err != nil {
			return "", fmt.Errorf("look for pictures: %w", err)
		}
		if n < least {
			rare, least = token, n
		}
		if least == 0 {
			break
		}
	}
	return rare, nil
}
