package reader

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"testing"
)

// A softKey is a passkey in a test's own hands: it can lie about everything.
type softKey struct {
	t       *testing.T
	key     *ecdsa.PrivateKey
	id      []byte
	user    string
	count   uint32
	origin  string
	rpID    string
	flags   byte
	handle  bool // it says whose it is
	spoiled bool // its signature is wrong
}

const (
	userPresent  = 0x01
	userVerified = 0x04
	backupMay    = 0x08
	backupIs     = 0x10
	attested     = 0x40
)

func newSoftKey(t *testing.T, user string) *softKey {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	k := &softKey{t: t, key: key, id: make([]byte, 32), user: user, origin: "https://post.example", rpID: "post.example", flags: userPresent | userVerified, handle: true}
	rand.Read(k.id)
	return k
}

func (k *softKey) client(kind, challenge string) []byte {
	b, err := json.Marshal(map[string]any{"type": kind, "challenge": challenge, "origin": k.origin, "crossOrigin": false})
	if err != nil {
		k.t.Fatal(err)
	}
	return b
}

func (k *softKey) data(more byte) []byte {
	hash := sha256.Sum256([]byte(k.rpID))
	return binary.BigEndian.AppendUint32(append(hash[:], k.flags|more), k.count)
}

// create answers a challenge for a new passkey.
func (k *softKey) create(challenge string) string {
	point, err := k.key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		k.t.Fatal(err)
	}
	// COSE: {1: 2 (EC2), 3: -7 (ES256), -1: 1 (P-256), -2: x, -3: y}
	cose := []byte{0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21, 0x58, 0x20}
	cose = append(cose, point[1:33]...)
	cose = append(cose, 0x22, 0x58, 0x20)
	cose = append(cose, point[33:]...)
	data := append(k.data(attested), make([]byte, 16)...) // no maker
	data = binary.BigEndian.AppendUint16(data, uint16(len(k.id)))
	data = append(append(data, k.id...), cose...)
	// {"fmt": "none", "attStmt": {}, "authData": data}
	var object bytes.Buffer
	object.WriteString("\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x59")
	object.Write(binary.BigEndian.AppendUint16(nil, uint16(len(data))))
	object.Write(data)
	return k.answer(map[string]string{"clientDataJSON": b64(k.client("webauthn.create", challenge)), "attestationObject": b64(object.Bytes())})
}

// get answers a challenge to log in. The counter goes up.
func (k *softKey) get(challenge string) string {
	k.count++
	client, data := k.client("webauthn.get", challenge), k.data(0)
	hash := sha256.Sum256(client)
	digest := sha256.Sum256(append(bytes.Clone(data), hash[:]...))
	if k.spoiled {
		digest[0] ^= 1
	}
	signature, err := ecdsa.SignASN1(rand.Reader, k.key, digest[:])
	if err != nil {
		k.t.Fatal(err)
	}
	answer := map[string]string{"clientDataJSON": b64(client), "authenticatorData": b64(data), "signature": b64(signature)}
	if k.handle {
		answer["userHandle"] = b64([]byte(k.user))
	}
	return k.answer(answer)
}

func (k *softKey) answer(response map[string]string) string {
	b, err := json.Marshal(map[string]any{
		"id": b64(k.id), "rawId": b64(k.id), "type": "public-key", "response": response, "clientExtensionResults": map[string]any{"credProps": map[string]any{"rk": true}},
	})
	if err != nil {
		k.t.Fatal(err)
	}
	return string(b)
}

func b64(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// posed is the challenge in what a browser is asked.
func posed(t *testing.T, c Challenge) string {
	t.Helper()
	b, err := json.Marshal(c.Options)
	if err != nil {
		t.Fatal(err)
	}
	var options struct{ Challenge string }
	if err := json.Unmarshal(b, &options); err != nil {
		t.Fatal(err)
	}
	return options.Challenge
}
