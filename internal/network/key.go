package network

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"fmt"

	"kawaraban/internal/db"
	"kawaraban/internal/problem"
	"kawaraban/internal/secret"
)

const own = "own"

// Key is the paper's public key. It is made when it is first wanted; of several
// processes one makes it.
func (s *Store) Key(ctx context.Context) (string, error) {
	key, err := s.key(ctx)
	if err != nil {
		return "", err
	}
	return b64.EncodeToString(key.Public().(ed25519.PublicKey)), nil
}

func (s *Store) key(ctx context.Context) (ed25519.PrivateKey, error) {
	key, err := s.storedKey(ctx)
	if !problem.Is(err, problem.NotFound) {
		return key, err
	}
	public, made, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make the key for sister papers: %w", err)
	}
	err = s.DB.Tx(ctx, func(tx *db.Tx) error {
		_, err := tx.Exec(ctx, `insert into network_key (id, public, private, created) values ($1, $2, $3, $4) on conflict (id) do nothing`,
			own, b64.EncodeToString(public), string(s.Keys.Seal(secret.SigningKey, "network", made.Seed())), db.Time(s.Now()))
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("keep the key for sister papers: %w", err)
	}
	return s.storedKey(ctx)
}

func (s *Store) storedKey(ctx context.Context) (ed25519.PrivateKey, error) {
	var sealed secret.Sealed
	err := s.DB.QueryRow(ctx, `select private from network_key where id = $1`, own).Scan(&sealed)
	if err != nil {
		return nil, db.Found(err, "There is no key for sister papers.")
	}
	seed, err := s.Keys.Open(secret.SigningKey, "network", sealed)
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, fmt.Errorf("open the key for sister papers: %w", err)
	}
	return ed25519.NewKeyFromSeed(seed), nil
}
