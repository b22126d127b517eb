package page

import (
	"io"
	"net/http"
	"time"
)

// sendTime is how long a browser may take for the next bytes of a long file.
const sendTime = 20 * time.Second

// Send sends a long file, or the parts of it that somebody asks for. A server gives an
// answer only so much time, and a film over a slow line takes longer: here it is
// counted anew with every few kilobytes that have left.
func Send(w http.ResponseWriter, r *http.Request, modified time.Time, f io.ReadSeeker) {
	http.ServeContent(w, r, "", modified, &leisurely{f, http.NewResponseController(w)})
}

// leisurely is a file that is read as fast as its reader takes it.
type leisurely struct {
	io.ReadSeeker
	c *http.ResponseController
}

func (p *leisurely) Read(b []byte) (int, error) {
	// Where there is no connection (a recorder, in tests) there is no deadline.
	_ = p.c.SetWriteDeadline(time.Now().Add(sendTime))
	return p.ReadSeeker.Read(b)
}
