package wire

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
)

// Verify looks for recalled stories that readers can have, and for deliveries
// that are not what came, and tells each in a sentence.
func (s *Store) Verify(ctx context.Context, tell func(string)) error {
	rows, err := s.DB.Query(ctx, `select w.id, w.article
		from wire_story w
		join article a on a.id = w.article
		where (w.recall = 'canceled' or w.recall = 'withheld' and w.newest <= w.recalled) and a.state = 'published'
		order by w.source, w.id`)
	if err != nil {
		return fmt.Errorf("verify the wire: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var id, article string
		if err := rows.Scan(&id, &article); err != nil {
			return fmt.Errorf("verify the wire: %w", err)
		}
		tell(fmt.Sprintf("The agency has recalled %s, and article %s is not withdrawn. Withdraw it.", id, article))
	}
	if err := rows.Err(); err != nil {
		return err
	}
	rows.Close()
	return s.verifyDeliveries(ctx, tell)
}

func (s *Store) verifyDeliveries(ctx context.Context, tell func(string)) error {
	rows, err := s.DB.Query(ctx, `select name, hash, raw from wire_delivery where raw <> $1 order by id`, []byte{})
	if err != nil {
		return fmt.Errorf("verify deliveries: %w", err)
	}
	defer rows.Close()
	for rows.Next() {
		var name, hash string
		var raw []byte
		if err := rows.Scan(&name, &hash, &raw); err != nil {
			return fmt.Errorf("verify deliveries: %w", err)
		}
		if sum := sha256.Sum256(raw); hex.EncodeToString(sum[:]) != hash {
			tell(fmt.Sprintf("The delivery %s is not what came. Restore the database from a backup.", name))
		}
	}
	return rows.Err()
}
