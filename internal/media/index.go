package media

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"kawaraban/internal/db"
)

const (
	maxFolded = 1_900 // bytes that are looked through: PostgreSQL's indexes hold rows of 2,700
	maxToken  = 40    // bytes of one word that are told apart
)

// folded is what a picture is found by: its words without case and accents, each
// after a space. The long caption comes last: its end is what may be left out.
func (p *Picture) folded() string {
	all := append([]string{p.Headline, p.Credit, p.Byline, p.Alt, p.Name, p.Source, p.City, p.Event}, p.Keywords...)
	text := ""
	for _, word := range wordsIn(strings.Join(append(all, p.Caption), " ")) {
		if len(text)+1+len(word) > maxFolded {
			break
		}
		text += " " + word
	}
	if text == "" {
		return " " // read, and without a word
	}
	return text
}

// wordsIn takes a text apart into words: runs of letters and digits. Where a script
// that knows no spaces begins or ends, a word does.
func wordsIn(text string) (words []string) {
	var word []rune
	flush := func() {
		if len(word) > 0 {
			words = append(words, cut(string(word), maxFolded/2))
		}
		word = word[:0]
	}
	for _, r := range db.Fold(text) {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && r != 'ー' {
			flush()
			continue
		}
		if len(word) > 0 && dense(word[0]) != dense(r) {
			flush()
		}
		word = append(word, r)
	}
	flush()
	return words
}

// dense reports whether a letter is of a script that is written without spaces.
func dense(r rune) bool { return r >= 0x2e80 && r < 0xac00 || r >= 0x20000 }

// tokens are the entries of the index for a folded text: its words; of one without
// spaces each two letters in a row, and the last.
func tokens(folded string) (list []string) {
	for word := range strings.FieldsSeq(folded) {
		first, _ := utf8.DecodeRuneInString(word)
		if !dense(first) {
			list = append(list, cut(word, maxToken))
			continue
		}
		runes := []rune(word)
		for i := range runes {
			list = append(list, string(runes[i:min(i+2, len(runes))]))
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

// index makes a picture be found by one folded text and not by another.
func index(ctx context.Context, tx *db.Tx, id, before, after string) error {
	old, now := tokens(before), tokens(after)
	gone := slices.DeleteFunc(slices.Clone(old), func(w string) bool { return slices.Contains(now, w) })
	come := slices.DeleteFunc(now, func(w string) bool { return slices.Contains(old, w) })
	for batch := range slices.Chunk(gone, 500) {
		args := []any{id}
		if _, err := tx.Exec(ctx, `delete from picture_word where picture = $1 and word `+db.In(&args, batch), args...); err != nil {
			return fmt.Errorf("index picture %s: %w", id, err)
		}
	}
	for batch := range slices.Chunk(come, 500) {
		args, rows := []any{id}, make([]string, len(batch))
		for i, word := range batch {
			rows[i] = "(" + db.Arg(&args, word) + ", $1)"
		}
		if _, err := tx.Exec(ctx, `insert into picture_word (word, picture) values `+strings.Join(rows, ", ")+` on conflict do nothing`, args...); err != nil {
			return fmt.Errorf("index picture %s: %w", id, err)
		}
	}
	if _, err := tx.Exec(ctx, `update picture set folded = $2 where id = $1`, id, after); err != nil {
		return fmt.Errorf("index picture %s: %w", id, err)
	}
	return nil
}

// Index makes the pictures be found that were here before there was an index.
func (s *Store) Index(ctx context.Context) error {
	for {
		var list []*Picture
		rows, err := s.DB.Query(ctx, `select `+pictureColumns+` from picture as p where p.folded = '' order by p.id limit 200`)
		if err != nil {
			return fmt.Errorf("index the pictures: %w", err)
		}
		for rows.Next() {
			p, err := s.scan(rows)
			if err != nil {
				rows.Close()
				return fmt.Errorf("index the pictures: %w", err)
			}
			list = append(list, p)
		}
		rows.Close()
		if err := rows.Err(); err != nil || len(list) == 0 {
			return err
		}
		err = s.DB.Tx(ctx, func(tx *db.Tx) error {
			for _, p := range list {
				if err := index(ctx, tx, p.ID, "", p.folded()); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
}
