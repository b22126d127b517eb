package wire

import (
	"context"
	"encoding/json"
	"fmt"

	"kawaraban/internal/db"
)

// noBody is said of an item whose text is elsewhere.
const noBody = "Its text has not come with it: it is at an address of the agency. It is remembered, and taken up when it comes with its text."

// storeBody gives a version its text that came before without it. It reports
// whether it did.
func (s *Store) storeBody(ctx context.Context, tx *db.Tx, d delivery, it Item) (whole bool, err error) {
	if len(it.Body.Blocks) == 0 {
		return false, nil
	}
	var kept string
	err = tx.QueryRow(ctx, `select content from wire_item where source = $1 and id = $2 and version = $3`,
		d.source.ID, it.ID, it.Version).Scan(&kept)
	if err != nil {
		return false, fmt.Errorf("look at the item: %w", err)
	}
	var old Item
	if err := json.Unmarshal([]byte(kept), &old); err != nil {
		return false, fmt.Errorf("look at the item: %w", err)
	}
	if old.BodyAt == "" || len(old.Body.Blocks) > 0 {
		return false, nil
	}
	content, err := it.content()
	if err != nil {
		return false, fmt.Errorf("store the item's text: %w", err)
	}
	_, err = tx.Exec(ctx, `update wire_item set delivery = $4, class = $5, status = $6, headline = $7, content = $8
		where source = $1 and id = $2 and version = $3`,
		d.source.ID, it.ID, it.Version, d.id, it.Class, it.Status, it.Headline, content)
	if err != nil {
		return false, fmt.Errorf("store the item's text: %w", err)
	}
	return true, nil
}
