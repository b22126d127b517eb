package newsroom

import (
	"cmp"
	"slices"
	"strings"

	"kawaraban/internal/desk"
	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// postersToChoose is how many pictures the form of a booking shows; the others are found
// by their words.
const postersToChoose = 12

// posterField is where the poster of a booking is chosen: among the newest pictures, or
// among those that have some words.
type posterField struct {
	bookingField
	Choices []filmChoice // the first is none, or the one of the video
	Sought  string       // the words
	Seeking bool         // they have just been looked for
	None    string       // that nothing has them
	Library string       // address of the pictures
}

// seeksPoster reports whether a form was sent to find a picture, and not to be kept.
// Enter finds what has been typed for that, once: after it nobody can see the difference.
func seeksPoster(v *visit) bool {
	switch v.Field("act") {
	case "find":
		return true
	case "enter":
		sought := strings.TrimSpace(v.Field("poster_find"))
		return sought != "" && sought != v.Field("poster_found")
	}
	return false
}

// choosePosters sets pictures into the form, and the one that is chosen.
func (d *Desk) choosePosters(v *visit, a *reader.Actor, p *bookingForm, t typedBooking) error {
	f := &p.Poster
	f.Sought, f.Library = t.Sought, pictures
	list, _, err := d.Work.Pictures(v.Context(), a, desk.PictureFilter{Filter: media.Filter{Words: t.Sought, Usable: true, Limit: postersToChoose}})
	if err != nil {
		return err
	}
	if len(list) == 0 && t.Sought != "" {
		f.None = v.words.Say("booking.poster.none")
	}
	if t.Poster != "" && !slices.ContainsFunc(list, func(one *media.Picture) bool { return one.ID == t.Poster }) {
		found, err := d.Work.Media.Pictures(v.Context(), t.Poster)
		if err != nil {
			return err
		}
		if one := found[t.Poster]; one != nil {
			list = append([]*media.Picture{one}, list...)
		}
	}
	f.Choices = []filmChoice{{Title: v.words.Say("booking.poster.own"), On: t.Poster == ""}}
	for _, one := range list {
		f.Choices = append(f.Choices, d.posterChoice(v.words, one, t.Poster))
	}
	return nil
}

func (d *Desk) posterChoice(w *page.Language, p *media.Picture, chosen string) filmChoice {
	about := []string{excerpt(p.Credit, 80), d.lasts(w, p.Expires, p.Ended), stateOfPicture(w, p)}
	return filmChoice{
		ID: p.ID, Title: cmp.Or(excerpt(cmp.Or(p.Caption, p.Alt), 100), w.Say("pictures.untitled")), Small: picturePath(p.ID) + "/small", On: p.ID == chosen,
		About: strings.Join(slices.DeleteFunc(about, func(s string) bool { return s == "" }), " · "),
	}
}

// title is what a picture is called that stands in the form, and the number of any other.
func (f *posterField) title(id string) string {
	for _, c := range f.Choices {
		if c.ID == id {
			return c.Title
		}
	}
	return id
}
