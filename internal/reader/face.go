package reader

import (
	"context"
	"fmt"
	"slices"

	"kawaraban/internal/db"
)

// A Face is a reader beside what the reader wrote.
type Face struct {
	ID     string
	Name   string
	Handle string
	Role   Role
	Erased bool // the account is gone, and the name with it
}

// Faces returns the faces of readers by their ids.
func (s *Store) Faces(ctx context.Context, ids ...string) (map[string]Face, error) {
	return s.faces(ctx, "id", ids)
}

// ByHandles returns the readers who have one of the handles, by their ids.
func (s *Store) ByHandles(ctx context.Context, handles ...string) (map[string]Face, error) {
	return s.faces(ctx, "handle", handles)
}

func (s *Store) faces(ctx context.Context, key string, values []string) (map[string]Face, error) {
	found := make(map[string]Face, len(values))
	for batch := range slices.Chunk(values, 500) {
		var args []any
		rows, err := s.DB.Query(ctx, `select id, name, handle, role, erased > 0 from reader where `+key+` `+db.In(&args, batch)+` order by id`, args...)
		if err != nil {
			return nil, fmt.Errorf("read readers: %w", err)
		}
		for rows.Next() {
			var f Face
			if err := rows.Scan(&f.ID, &f.Name, &f.Handle, &f.Role, &f.Erased); err != nil {
				rows.Close()
				return nil, fmt.Errorf("read readers: %w", err)
			}
			found[f.ID] = f
		}
		if err := rows.Close(); err != nil {
			return nil, fmt.Errorf("read readers: %w", err)
		}
		if err := rows.Err(); err != nil {
			return nil, fmt.Errorf("read readers: %w", err)
		}
	}
	return found, nil
}
