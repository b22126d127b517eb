package media

import (
	"strings"
	"testing"

	"kawaraban/internal/problem"
)

func TestReadCaptions(t *testing.T) {
	const want = "WEBVTT\n\n00:00:01.000 --> 00:00:03.500\nThe ferry leaves.\n\n00:01:02.000 --> 00:01:04.000 line:0\n<v Inga>Good bye!</v>\nAnd good luck.\n"
	for name, text := range map[string]string{
		"WebVTT": "WEBVTT - ours\n\nNOTE nobody reads this\n\nSTYLE\n::cue { color: red }\n\n1\n00:01.000 --> 00:03.500\nThe ferry leaves.\n\n" +
			"00:01:02.000 --> 00:01:04.000 line:0 onclick:x\n<v Inga>Good bye!</v>\nAnd good luck.\n",
		"with a mark and another system's lines": "\ufeffWEBVTT\r\n\r\n00:01.000 --> 00:03.500\r\nThe ferry leaves.\r\n\r\n00:01:02.000 --> 00:01:04.000 line:0\r\n<v Inga>Good bye!</v>\r\nAnd good luck.",
		"SubRip":                                 "1\n00:00:01,000 --> 00:00:03,500\nThe ferry leaves.\n\n2\n00:01:02,000 --> 00:01:04,000 line:0\n<v Inga>Good bye!</v>\nAnd good luck.\n",
	} {
		list, err := ReadCaptions([]byte(text))
		if err != nil || string(list.VTT()) != want {
			t.Errorf("%s: %v\n%s", name, err, list.VTT())
			continue
		}
		if again, err := ReadCaptions(list.VTT()); err != nil || string(again.VTT()) != want {
			t.Errorf("%s is not read back: %v\n%s", name, err, again.VTT())
		}
		if got := list[1].Plain(); got != "Good bye! And good luck." {
			t.Errorf("%s: %q", name, got)
		}
	}
}

func TestReadCaptionsRefuses(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"nothing":            {" \n", "Choose a captions file"},
		"a web page":         {"<!doctype html>", "no captions file"},
		"another word":       {"WEBVTTX\n\n00:01.000 --> 00:02.000\nx", "no captions file"},
		"no UTF-8":           {"WEBVTT\n\n00:01.000 --> 00:02.000\nh\xe9", "not UTF-8"},
		"no cues":            {"WEBVTT\n\nNOTE only this", "no captions in this file"},
		"times out of order": {"WEBVTT\n\n00:09.000 --> 00:10.000\na\n\n00:01.000 --> 00:02.000\nb", "Line 6: this caption begins before"},
		"an end before":      {"WEBVTT\n\n00:09.000 --> 00:08.000\na", "Line 3: this caption ends before"},
		"a time like 1:2":    {"WEBVTT\n\n1:2 --> 3:4\na", "Line 3: the times of this caption cannot be read"},
		"no empty line":      {"WEBVTT\n\n00:01.000 --> 00:02.000\na\n00:03.000 --> 00:04.000\nb", "Line 5: there are times inside"},
		"too large":          {"WEBVTT\n" + strings.Repeat("x", MaxCaptions), "may have 1 MB"},
	} {
		_, err := ReadCaptions([]byte(test.text))
		if p := problem.Of(err); p == nil || !strings.Contains(p.Detail, test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// What is read can be written and read again, and says the same.
func FuzzReadCaptions(f *testing.F) {
	f.Add("WEBVTT\n\n00:01.000 --> 00:03.500 align:left\nThe ferry leaves.\n")
	f.Add("1\n00:00:01,000 --> 00:00:03,500\nThe ferry\n")
	f.Fuzz(func(t *testing.T, text string) {
		list, err := ReadCaptions([]byte(text))
		if err != nil {
			if problem.Of(err) == nil {
				t.Errorf("a fault: %v", err)
			}
			return
		}
		written := list.VTT()
		if len(written) > MaxCaptions {
			return
		}
		again, err := ReadCaptions(written)
		if err != nil || string(again.VTT()) != string(written) {
			t.Errorf("%q became %q: %v", written, again.VTT(), err)
		}
	})
}
