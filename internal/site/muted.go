package site

import (
	"kawaraban/internal/page"
	"kawaraban/internal/reader"
)

// mutedPage is what muted.html shows: whose comments a reader does not want to
// see.
type mutedPage struct {
	chrome
	List []mutedMember
}

type mutedMember struct{ Name, Profile, Action string }

func (s *Site) showMuted(v *visit, a *reader.Actor) (*page.Answer, error) {
	ids, err := s.Comments.Muted(v.Context(), a.Reader.ID)
	if err != nil {
		return nil, err
	}
	faces, err := s.Readers.Faces(v.Context(), ids...)
	if err != nil {
		return nil, err
	}
	p := mutedPage{chrome: s.personal(v, "muted.title")}
	for _, id := range ids {
		if f := faces[id]; f.ID != "" && !f.Erased {
			p.List = append(p.List, mutedMember{f.Name, "/member/" + f.Handle, "/member/" + f.Handle + "/mute"})
		}
	}
	return page.Show(v.muted.With(p)), nil
}
