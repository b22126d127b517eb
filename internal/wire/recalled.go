package wire

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
)

// A Said is what a story that its agency has recalled has said, for those who look where
// else it stands.
type Said struct {
	Article string   // id, "" for none
	Texts   []string // of all versions, each once
	Since   time.Time
}

// SaidOf returns what a recalled story has said, by the number of its first arrival. One
// that is not recalled, or not any more, is not found.
func (s *Store) SaidOf(ctx context.Context, first int64) (said Said, err error) {
	var source, id string
	var recall Status
	err = s.DB.QueryRow(ctx, `select source, id, article, recall from wire_story where first = $1`, first).Scan(&source, &id, &said.Article, &recall)
	if err != nil {
		return said, db.Found(err, "The wire has no such story.")
	}
	if recall == "" {
		return said, &problem.Problem{Kind: problem.NotFound, Detail: "This story is not recalled."}
	}
	rows, err := s.DB.Query(ctx, `select content, status, received from wire_item
		where source = $1 and id = $2
		order by ord desc, version desc
		limit $3`, source, id, mostVersions)
	if err != nil {
		return said, fmt.Errorf("read what a story has said: %w", err)
	}
	defer rows.Close()
	seen := map[string]bool{}
	for rows.Next() {
		var content string
		var status Status
		var received time.Time
		var it Item
		if err := rows.Scan(&content, &status, (*db.Time)(&received)); err != nil {
			return said, fmt.Errorf("read what a story has said: %w", err)
		}
		if said.Since.IsZero() || received.Before(said.Since) {
			said.Since = received
		}
		if status == Canceled || status == Withheld {
			continue // "this story is withdrawn" is in every kill
		}
		if err := json.Unmarshal([]byte(content), &it); err != nil {
			return said, fmt.Errorf("a stored item is damaged: %w", err)
		}
		for _, text := range textsOf(it) {
			if text != "" && !seen[text] {
				seen[text] = true
				said.Texts = append(said.Texts, text)
			}
		}
	}
	return said, rows.Err()
}
