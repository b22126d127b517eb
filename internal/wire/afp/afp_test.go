package afp

import (
	"bytes"
	"testing"
)

const answer = `{"response": {"numFound": 2, "docs": [
	{"uno": "newsml.example.20260302T100000Z.doc-1", "class": "text", "revision": 2, "status": "Usable", "lang": "en", "urgency": 3, "headline": "Second crane", "news": ["One.", "Two."], "slug": "harbour"},
	{"uno": "newsml.example.20260302T100000Z.doc-2", "class": "picture", "status": "Canceled", "news": "A caption."}]}}`

func TestSplit(t *testing.T) {
	parts, err := Split([]byte(answer))
	if err != nil || len(parts) != 2 {
		t.Fatal(parts, err)
	}
	d := parts[0].Doc
	if d.Revision != "2" || d.Urgency.Int() != 3 || len(d.News) != 2 || len(d.Slug) != 1 || parts[1].Doc.News[0] != "A caption." {
		t.Errorf("%+v", parts)
	}
	again, err := Split(parts[0].Data)
	if err != nil || len(again) != 1 || again[0].Doc.UNO != d.UNO || !bytes.Equal(again[0].Data, parts[0].Data) {
		t.Errorf("a part is not an answer like it: %s, %v", parts[0].Data, err)
	}
	for _, bad := range []string{"", "[]", "{}", `{"response": []}`, `{"response": {"docs": {}}}`, `{"error": "x"}`, `{"response": {"docs": [`} {
		if parts, err := Split([]byte(bad)); err == nil {
			t.Errorf("%q has %d documents", bad, len(parts))
		}
	}
	for _, none := range []string{`{"response": {"docs": []}}`, `{"response": {"docs": null}}`, `{"response": {"numFound": 0}}`} {
		if parts, err := Split([]byte(none)); err != nil || len(parts) != 0 {
			t.Errorf("no documents: %v, %v", parts, err)
		}
	}
}

// FuzzAFP holds that anything is documents or an error, and that a part can be read again.
func FuzzAFP(f *testing.F) {
	f.Add([]byte(answer))
	f.Add([]byte(`{"response":{"docs":[{"uno":{},"news":[[1],{"a":[]}],"advisory":null}]}}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		parts, err := Split(data)
		if err != nil {
			return
		}
		for _, p := range parts {
			if again, err := Split(p.Data); err != nil || len(again) != 1 {
				t.Fatalf("%q cannot be read again: %v", p.Data, err)
			}
		}
	})
}
