package media

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"kawaraban/internal/problem"
)

// Captions are the words of a video, to be read.
type Captions []Cue

// A Cue is what is said in one moment of a video.
type Cue struct {
	From, To time.Duration
	Settings string // where it stands, as WebVTT says it; mostly ""
	Text     string // with WebVTT's own marks, and perhaps several lines
}

const (
	// MaxCaptions is how large a captions file may be, in bytes.
	MaxCaptions = 1 << 20

	maxCues = 20_000
)

// ReadCaptions reads a WebVTT file, or a SubRip file (SRT). Only its cues survive:
// what it says of styles, regions and itself is left out. A file that is none is a
// problem that names the line.
func ReadCaptions(data []byte) (list Captions, err error) {
	switch {
	case len(data) > MaxCaptions:
		return nil, wrongCaptions(problem.TooLarge, "A captions file may have 1 MB. Send a shorter one.")
	case len(bytes.TrimSpace(data)) == 0:
		return nil, wrongCaptions(problem.Invalid, "Choose a captions file (WebVTT or SRT).")
	case !utf8.Valid(data):
		return nil, wrongCaptions(problem.Invalid, "This captions file is not UTF-8. Save it as UTF-8 and send it again.")
	}
	text := strings.TrimPrefix(string(data), "\ufeff")
	text = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\x00", "\ufffd").Replace(text)
	lines := strings.Split(text, "\n")
	first := strings.TrimSpace(lines[0])
	vtt := first == "WEBVTT" || strings.HasPrefix(first, "WEBVTT ") || strings.HasPrefix(first, "WEBVTT\t")
	if !vtt && !subRip(lines) {
		return nil, wrongCaptions(problem.Invalid, "This is no captions file. It must begin with WEBVTT, or be a SubRip file (SRT).")
	}
	for i := 0; i < len(lines); {
		if strings.TrimSpace(lines[i]) == "" {
			i++
			continue
		}
		end := i
		for end < len(lines) && strings.TrimSpace(lines[end]) != "" {
			end++
		}
		cue, said, err := readCue(lines[i:end], i+1)
		if err != nil {
			return nil, err
		}
		if said {
			if n := len(list); n > 0 && cue.From < list[n-1].From {
				return nil, wrongLine(i+1, "Line %d: this caption begins before the one above it. Sort them by time and send the file again.")
			}
			if list = append(list, cue); len(list) > maxCues {
				return nil, wrongCaptions(problem.TooLarge, "A captions file may have 20,000 captions. Send a shorter one.")
			}
		}
		i = end
	}
	if len(list) == 0 {
		return nil, wrongCaptions(problem.Invalid, "There are no captions in this file. Send one with times and words.")
	}
	return list, nil
}

// subRip reports whether lines begin as a SubRip file does: a number, then times.
func subRip(lines []string) bool {
	for i, l := range lines {
		if l = strings.TrimSpace(l); l == "" {
			continue
		}
		if _, err := strconv.Atoi(l); err == nil && i+1 < len(lines) {
			l = lines[i+1]
		}
		return timing.MatchString(l)
	}
	return false
}

var (
	timing  = regexp.MustCompile(`^\s*((?:\d{2,4}:)?\d{2}:\d{2}[.,]\d{3})\s*-->\s*((?:\d{2,4}:)?\d{2}:\d{2}[.,]\d{3})(?:\s+(.*))?$`)
	setting = regexp.MustCompile(`^(?:vertical|line|position|size|align):[0-9a-z%.,-]{1,40}$`)
)

// readCue reads a block of lines, the first of which has a number in the file. A
// block that is no cue (a note, a style) says nothing.
func readCue(lines []string, number int) (c Cue, said bool, err error) {
	at := 0
	if !strings.Contains(lines[0], "-->") {
		if at = 1; len(lines) < 2 || !strings.Contains(lines[1], "-->") {
			return c, false, nil
		}
	}
	m := timing.FindStringSubmatch(lines[at])
	if m == nil {
		return c, false, wrongLine(number+at, "Line %d: the times of this caption cannot be read. Write 00:01.000 --> 00:03.500.")
	}
	c.From, c.To = moment(m[1]), moment(m[2])
	if c.To <= c.From {
		return c, false, wrongLine(number+at, "Line %d: this caption ends before it begins. Correct its times and send the file again.")
	}
	var settings []string
	for s := range strings.FieldsSeq(m[3]) {
		if setting.MatchString(s) {
			settings = append(settings, s)
		}
	}
	c.Settings = strings.Join(settings, " ")
	for i, l := range lines[at+1:] {
		if strings.Contains(l, "-->") {
			return c, false, wrongLine(number+at+1+i, "Line %d: there are times inside a caption. Put an empty line before them.")
		}
	}
	c.Text = strings.TrimSpace(strings.Join(lines[at+1:], "\n"))
	return c, c.Text != "", nil
}

// moment reads a time that the pattern has found: hours may be missing.
func moment(s string) time.Duration {
	s = strings.Replace(s, ",", ".", 1)
	parts := strings.Split(s, ":")
	var whole int64 // minutes
	for _, p := range parts[:len(parts)-1] {
		n, _ := strconv.ParseInt(p, 10, 64)
		whole = whole*60 + n
	}
	seconds, fraction, _ := strings.Cut(parts[len(parts)-1], ".")
	n, _ := strconv.ParseInt(seconds, 10, 64)
	ms, _ := strconv.ParseInt(fraction, 10, 64)
	return time.Duration(whole)*time.Minute + time.Duration(n)*time.Second + time.Duration(ms)*time.Millisecond
}

// VTT returns the captions as a WebVTT file.
func (list Captions) VTT() []byte {
	var b bytes.Buffer
	b.WriteString("WEBVTT\n")
	for _, c := range list {
		fmt.Fprintf(&b, "\n%s --> %s", stamp(c.From), stamp(c.To))
		if c.Settings != "" {
			b.WriteString(" " + c.Settings)
		}
		b.WriteString("\n" + c.Text + "\n")
	}
	return b.Bytes()
}

func stamp(d time.Duration) string {
	ms := d.Milliseconds()
	return fmt.Sprintf("%02d:%02d:%02d.%03d", ms/3_600_000, ms/60_000%60, ms/1000%60, ms%1000)
}

var cueMark = regexp.MustCompile(`<[^<>]*>`)

// Plain is what a cue says, without marks, on one line.
func (c Cue) Plain() string {
	text := cueMark.ReplaceAllString(c.Text, "")
	text = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&nbsp;", " ", "&lrm;", "", "&rlm;", "", "&amp;", "&").Replace(text)
	return strings.Join(strings.Fields(text), " ")
}

func wrongCaptions(kind problem.Kind, detail string) error {
	return &problem.Problem{Kind: kind, Detail: detail, Fields: map[string]string{"captions": detail}}
}

func wrongLine(number int, format string) error {
	said := fmt.Sprintf(format, number)
	return &problem.Problem{Kind: problem.Invalid, Detail: said, Format: format, Args: []any{number}}
}
