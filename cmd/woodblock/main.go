// Command woodblock cuts and prints the pictures of the demo paper.
//
// Like the workshops of Edo it works with a few blocks: a key block for the
// lines and one block for each colour, four at most, on paper with a grain. Each
// print is a function that draws a scene from motifs; chance is decided by the
// print's name, so that each run makes the same file.
//
//	go run -tags nodynamic ./cmd/woodblock -out cmd/kawaraban/demo/pictures [name …]
package main

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"image/jpeg"
	"os"
	"path/filepath"
	"slices"
	"time"

	"kawaraban/internal/media"
)

// quality is the JPEG's, where the key block's edges are still clean.
const quality = 75

func main() {
	out := flag.String("out", "cmd/kawaraban/demo/pictures", "the folder to print into")
	flag.Parse()
	if err := run(*out, flag.Args()); err != nil {
		fmt.Fprintln(os.Stderr, "woodblock:", err)
		os.Exit(1)
	}
}

// run prints the named scenes, or all, into a folder.
func run(folder string, names []string) error {
	var problems []error
	for _, p := range prints() {
		if len(names) > 0 && !slices.Contains(names, p.name) {
			continue
		}
		data, err := p.jpeg()
		if err == nil {
			err = os.WriteFile(filepath.Join(folder, p.name+".jpg"), data, 0o644)
		}
		if err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", p.name, err))
		}
	}
	return errors.Join(problems...)
}

// jpeg draws, prints and labels a picture.
func (p picture) jpeg() ([]byte, error) {
	s := newSheet(p.name, p.w, p.h)
	p.draw(s)
	var b bytes.Buffer
	if err := jpeg.Encode(&b, s.print(), &jpeg.Options{Quality: quality}); err != nil {
		return nil, err
	}
	return media.Embed(b.Bytes(), media.Meta{
		Headline: p.headline, Caption: p.caption, Alt: p.alt,
		Byline: "Woodblock Workshop", Credit: "Kawaraban Woodblock Workshop", Source: "Kawaraban",
		Copyright:     "© 2026 Kawaraban Woodblock Workshop",
		UsageTerms:    "Part of Kawaraban's demo paper, under the licence of the program.",
		DigitalSource: "algorithmicMedia", // drawn by rules, not learned from anybody's pictures
		Created:       time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC),
	})
}
