package newsroom

import (
	"encoding/json"
	"strconv"

	"kawaraban/internal/media"
	"kawaraban/internal/page"
	"kawaraban/internal/problem"
	"kawaraban/internal/reader"
)

// An uploadAnswer tells a script how much of a file has arrived, and what it has
// become.
type uploadAnswer struct {
	ID      string        `json:"id"`
	Got     int64         `json:"got"`
	Picture *foundPicture `json:"picture,omitempty"`
	Known   bool          `json:"known,omitempty"` // the paper had it already
}

func (d *Desk) uploadAnswer(v *visit, u media.Upload) (*page.Answer, error) {
	a := uploadAnswer{ID: u.ID, Got: u.Got, Known: u.Known}
	switch {
	case u.Picture == "":
	case u.Video:
		one, err := d.Work.Media.Video(v.Context(), u.Picture)
		if err != nil {
			return d.refuse(v, err)
		}
		found := videoFound(one, nil)
		a.Picture = &found
	default:
		p, err := d.Work.Media.Picture(v.Context(), u.Picture)
		if err != nil {
			return d.refuse(v, err)
		}
		a.Picture = &foundPicture{ID: p.ID, Caption: p.Caption, Credit: p.Credit, Alt: p.Alt}
	}
	return page.JSON(a)
}

// beginUpload says that a file will come.
func (d *Desk) beginUpload(v *visit, a *reader.Actor) (*page.Answer, error) {
	body, err := v.Body(4 << 10)
	if err != nil {
		return d.refuse(v, err)
	}
	var sent struct {
		Name string `json:"name"`
		Size int64  `json:"size"`
	}
	if err := json.Unmarshal(body, &sent); err != nil {
		return d.refuse(v, &problem.Problem{Kind: problem.Invalid, Detail: "What was sent could not be read. Nothing was changed.", Err: err})
	}
	u, err := d.Work.Media.BeginUpload(v.Context(), a.Reader.ID, sent.Name, sent.Size)
	if err != nil {
		return d.refuse(v, err)
	}
	return d.uploadAnswer(v, u)
}

func (d *Desk) showUpload(v *visit, a *reader.Actor) (*page.Answer, error) {
	u, err := d.Work.Media.Uploaded(v.Context(), a.Reader.ID, v.Path("id"))
	if err != nil {
		return d.refuse(v, err)
	}
	return d.uploadAnswer(v, u)
}

// takePiece adds to a file. One that does not follow on what has arrived changes
// nothing: the answer says where to go on.
func (d *Desk) takePiece(v *visit, a *reader.Actor) (*page.Answer, error) {
	from, err := strconv.ParseInt(v.Get("from"), 10, 64)
	if err != nil {
		return d.refuse(v, &problem.Problem{Kind: problem.Invalid, Detail: "What was sent could not be read. Nothing was changed.", Err: err})
	}
	piece, err := v.Body(media.MaxPiece)
	if err != nil {
		return d.refuse(v, err)
	}
	u, err := d.Work.Media.Append(v.Context(), a.Reader.ID, v.Path("id"), from, piece)
	if err != nil {
		return d.refuse(v, err)
	}
	return d.uploadAnswer(v, u)
}

func (d *Desk) cancelUpload(v *visit, a *reader.Actor) (*page.Answer, error) {
	if err := d.Work.Media.CancelUpload(v.Context(), a.Reader.ID, v.Path("id")); err != nil {
		return d.refuse(v, err)
	}
	return page.Nothing(), nil
}
