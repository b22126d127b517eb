package main

import (
	"bytes"
	"testing"

	"kawaraban/internal/media"
)

// Every print has its own name and says what the newsroom must know.
func TestPrintsAreLabelled(t *testing.T) {
	seen := map[string]bool{}
	for _, p := range prints() {
		if seen[p.name] || p.headline == "" || p.caption == "" || p.alt == "" || p.caption == p.alt {
			t.Errorf("%s is listed twice or lacks a label", p.name)
		}
		seen[p.name] = true
	}
	if len(seen) != 32 {
		t.Errorf("%d prints, want 32", len(seen))
	}
}

// The same name gives the same print, byte for byte, with its rights inside.
func TestPrintIsRepeatable(t *testing.T) {
	p := prints()[0]
	p.w, p.h = 400, 267 // a corner of the sheet is enough
	first, err := p.jpeg()
	if err != nil {
		t.Fatal(err)
	}
	again, err := p.jpeg()
	if err != nil || !bytes.Equal(first, again) {
		t.Errorf("two runs differ: %v", err)
	}
	info, err := media.Inspect(first)
	if err != nil || info.Meta.Credit != "Kawaraban Woodblock Workshop" || info.Meta.Caption != p.caption ||
		info.Meta.Alt != p.alt || info.Meta.DigitalSource != "algorithmicMedia" {
		t.Errorf("%+v, %v", info, err)
	}
}
