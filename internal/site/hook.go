package site

import (
	"context"
	"net/http"

	"kawaraban/internal/page"
)

// A Hook takes what a provider tells of letters. It believes nothing that is not
// proved in the header or in the text.
type Hook func(ctx context.Context, provider string, header http.Header, raw []byte) error

// maxHook is the size of what a provider tells at once, in bytes.
const maxHook = 1 << 20

// hook hears what became of letters. The answer says nothing but that it was heard.
func (s *Site) hook(v *page.Visit) (*page.Answer, error) {
	raw, err := v.Body(maxHook)
	if err != nil {
		return nil, err
	}
	if err := s.Hooks(v.Context(), v.Path("provider"), v.Header(), raw); err != nil {
		return nil, err
	}
	return page.Nothing(), nil
}
