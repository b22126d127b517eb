package newsroom

import (
	"strconv"
	"time"

	"kawaraban/internal/desk"
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// held is what the pages of a picture and of a video have alike: until when readers
// may have it, and where it stands (held.html).
type held struct {
	ID     string
	Path   string
	Seen   string // when its words were changed, for machines that write them
	Mine   bool   // whoever asks may change the words
	Editor bool   // and the rights, replace and delete it
	Rights string
	Ended  bool
	Until  string // last day, as a browser's field has it
	Note   string
	Hint   string // what the last day means
	Delete string // the words of that button
	Uses   []useView
	More   int          // uses that are not listed
	Booked []bookingUse // sponsors whose bookings have it
}

// hold sets what has been said of something in the library, and where it stands.
func (d *Desk) hold(v *visit, a *reader.Actor, h *held, edited, expires time.Time, ended bool, note string) error {
	w := v.words
	h.Editor = a.May(reader.MayEdit)
	h.Rights, h.Ended, h.Note = d.lasts(w, expires, ended), ended, note
	if !expires.IsZero() {
		h.Until = lastDay(expires).In(d.Paper.Zone).Format(dayField)
	}
	h.Seen = "0"
	if !edited.IsZero() {
		h.Seen = strconv.FormatInt(edited.UnixMicro(), 10)
	}
	uses, more, err := d.Work.Uses(v.Context(), a, h.ID)
	if err != nil {
		return err
	}
	for _, u := range uses {
		h.Uses = append(h.Uses, newUseView(w, u))
	}
	h.More = more
	h.Booked, err = d.bookedBy(v, a, h.ID)
	return err
}

// A useView is an article that shows it.
type useView struct {
	Path, Headline, State, Mark string
	Shape                       string
	Copy                        bool // only its copy has it
}

func newUseView(w *page.Language, u desk.Use) useView {
	line := useView{storyPath(u.ID), u.Headline, stateWord(w, u.State), stateMark(u.State), string(u.State), !u.Live}
	if line.Headline == "" {
		line.Headline = w.Say("stories.untitled")
	}
	return line
}
